// Published packages with known bugs, beside the repository in ../shared/realbugs: installed into a temporary folder,
// never committed.
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const cases = resolve(import.meta.dirname, '../../../shared/realbugs')

/** A case's packages: a function that loads one anew, as a process that starts does; or why there are none. */
export type Published =
  | { readonly kind: 'installed'; readonly load: (name: string) => unknown }
  | { readonly kind: 'absent'; readonly why: string }

/** Installs the packages of a case, or finds them where an earlier run did. */
export function published(name: string): Published {
  const from = join(cases, name)
  if (!existsSync(from)) return { kind: 'absent', why: `${from} does not exist` }
  const folder = join(tmpdir(), 'two-generals-realbugs', name)
  mkdirSync(folder, { recursive: true })
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(from, file), join(folder, file))
  try {
    if (!existsSync(join(folder, 'node_modules/.package-lock.json'))) {
      execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
        cwd: folder,
        timeout: 120_000,
        stdio: 'pipe',
      })
    }
  } catch (error) {
    return { kind: 'absent', why: `npm ci in ${folder} failed: ${String(error)}` }
  }
  const require = createRequire(join(folder, 'package.json'))
  return { kind: 'installed', load: (wanted) => loadAnew(require, folder, wanted) }
}

/** What a module remembers dies with its process: CommonJS is loaded again each time. */
function loadAnew(require: NodeJS.Require, folder: string, name: string): unknown {
  for (const path of Object.keys(require.cache)) if (path.startsWith(folder)) delete require.cache[path]
  const loaded = require(name) as { readonly default?: unknown }
  return loaded.default ?? loaded
}
