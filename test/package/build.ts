// npm run build: what is published. JavaScript in few files, since each of 300 small ones costs as much as it holds,
// and without comments, which nobody reads there; declarations with them, since editors show them, but only of what a
// user of an entry point can name.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { rollUpDeclarations } from './roll-up-declarations.ts'
import { shortened } from './shortened.ts'

const root = resolve(import.meta.dirname, '../..')
const dist = join(root, 'dist')

/** The part of package.json that says what users can reach. */
interface Published {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>
  readonly engines: { readonly node: string }
}

const published = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Published
const entries = Object.values(published.exports).filter((entry) => typeof entry !== 'string')

rmSync(dist, { recursive: true, force: true })
const declarations = mkdtempSync(join(tmpdir(), 'two-generals-declarations-'))
compile('--emitDeclarationOnly', '--outDir', declarations)
rollUpDeclarations(
  declarations,
  dist,
  entries.map(({ types }) => basename(types, '.d.ts')),
)
rmSync(declarations, { recursive: true })
const modules = mkdtempSync(join(tmpdir(), 'two-generals-build-'))
compile('--declaration', 'false', '--isolatedDeclarations', 'false', '--removeComments', '--outDir', modules)
// Their users have the main entry anyway: what it shares with them needs no files, and no lists of names, of its own.
for (const name of [
  'vitest',
  'as-if-alone',
  'conformance',
  'lambda',
  'postgres',
  'queues',
  'redis',
  'stores',
  'tolerance',
]) {
  const path = join(modules, `${name}.js`)
  writeFileSync(path, `import './index.js'\n${readFileSync(path, 'utf8')}`)
}
// The script of a thread, which is text in its module
const scriptPath = join(modules, 'simulate/watchdog.js')
const { watchdog } = (await import(pathToFileURL(scriptPath).href)) as { readonly watchdog: string }
writeFileSync(scriptPath, `export const watchdog = ${JSON.stringify(await shortened(watchdog))}`)
await build({
  absWorkingDir: modules,
  entryPoints: {
    ...Object.fromEntries(entries.map(({ default: path }) => [nameOf(path), `${nameOf(path)}.js`])),
    bin: 'cli/bin.js',
  },
  // Two folders below package.json, as deep as the sources that look for it and for the package's own folder.
  outdir: join(dist, 'js'),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  target: `node${published.engines.node.replace('>=', '')}`,
  minifySyntax: true, // shorter code of the same meaning
  logLevel: 'warning',
})
rmSync(modules, { recursive: true })
for (const file of readdirSync(join(dist, 'js'))) {
  const path = join(dist, 'js', file)
  writeFileSync(path, await shortened(readFileSync(path, 'utf8')))
}
// What a CommonJS project requires is the same module, which Node loads and TypeScript 5 would refuse
for (const { types } of entries) {
  const name = basename(types, '.d.ts')
  writeFileSync(join(dist, `${name}.d.cts`), `export * from './${name}.js'\n`)
  writeFileSync(join(dist, 'js', `${name}.cjs`), `module.exports = require('./${name}.js')\n`)
}

function compile(...options: readonly string[]): void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', ...options], { cwd: root, stdio: 'inherit' })
}

function nameOf(path: string): string {
  return basename(path, '.js')
}
