// Lets plain Node, which strips types by itself, find the package's own name in its sources. Benchmarks run so and not
// under tsx: its keepNames makes every closure call a function, which no user's build does (a fifth of
// throughput-direct). BENCH_SOURCES names another checkout: then the benchmarks measure its sources in place of these.
import { existsSync, readdirSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { basename, join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = resolve(import.meta.dirname, '../..')
/** The benchmarks, and the systems that they measure with. */
const tests = urlOf(join(root, 'test'))
const sources = join(root, 'src')
const measured = join(process.env['BENCH_SOURCES'] ?? root, 'src')

const packageNames: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'index',
    'vitest',
    'preload',
    'jepsen',
    'lambda',
    'postgres',
    'queues',
    'redis',
    'stores',
    'tolerance',
    'conformance',
  ].map((entry) => [
    entry === 'index' ? 'two-generals' : `two-generals/${entry}`,
    pathToFileURL(join(measured, `${entry}.ts`)).href,
  ]),
)

registerHooks({
  resolve(specifier, context, next) {
    const found = next(packageNames[specifier] ?? specifier, context)
    const byTest = context.parentURL?.startsWith(tests) === true
    return byTest && found.url.startsWith(urlOf(sources))
      ? { ...found, url: pathToFileURL(inMeasured(fileURLToPath(found.url))).href }
      : found
  },
})

function urlOf(folder: string): string {
  return `${pathToFileURL(folder).href}/`
}

/** The same file in the sources that are measured. Files have moved between folders, and their names have stayed. */
function inMeasured(path: string): string {
  const same = join(measured, relative(sources, path))
  if (existsSync(same)) return same
  const namesakes = readdirSync(measured, { recursive: true, encoding: 'utf8' }).filter(
    (name) => basename(name) === basename(path),
  )
  const [moved, ...more] = namesakes
  if (moved === undefined || more.length > 0)
    throw new Error(`${measured} has ${namesakes.length} files named ${basename(path)}. Expected one.`)
  return join(measured, moved)
}
