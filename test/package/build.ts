// npm run build: what is published. The JavaScript without comments, which nobody reads there; declarations with them,
// since editors show them, but only of what a user of an entry point can name.
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pruneDeclarations } from './prune-declarations.ts'
import { pruneModules } from './prune-modules.ts'

const root = resolve(import.meta.dirname, '../..')

/** The part of package.json that says what users can reach. */
interface Published {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>
  readonly bin: Readonly<Record<string, string>>
}

const published = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Published
const entries = Object.values(published.exports).filter((entry) => typeof entry !== 'string')

rmSync(join(root, 'dist'), { recursive: true, force: true })
compile('--emitDeclarationOnly')
compile('--removeComments', '--isolatedDeclarations', 'false', '--declaration', 'false')
pruneDeclarations(
  join(root, 'dist'),
  entries.map(({ types }) => join(root, types)),
)
pruneModules(
  join(root, 'dist'),
  [...entries.map((entry) => entry.default), ...Object.values(published.bin)].map((path) => join(root, path)),
)

function compile(...options: readonly string[]): void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', ...options], { cwd: root, stdio: 'inherit' })
}
