// npm run test:node -- 22 [vitest's arguments]: the quick tests on that Node, without the pin; with --mode full all of
// them. Fetches the binary from npm once, into a folder outside the repository, and puts it first in the PATH, so that
// processes which tests start use it too.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'

/** The newest of each line that is known to pass. */
const versions: Readonly<Record<string, string>> = { 22: '22.23.2', 24: '24.21.0', 26: '26.10.0' }

const [given = '', ...rest] = process.argv.slice(2)
const version = versions[given] ?? given
if (!/^\d+\.\d+\.\d+$/.test(version)) {
  console.error(
    `"${given}" is no Node that can be run here. Say ${Object.keys(versions).join(', ')}, or an exact version: ` +
      'npm run test:node -- 22',
  )
  process.exit(2)
}
const binary = installed(version)
const found = execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim()
if (found !== `v${version}`)
  throw new Error(`${binary} is Node ${found}, not ${version}. Delete its folder and try again.`)
console.log(`Node ${found}`)
const vitest = resolve(import.meta.dirname, '../node_modules/vitest/vitest.mjs')
const { status } = spawnSync(binary, [vitest, 'run', ...rest], {
  stdio: 'inherit',
  cwd: resolve(import.meta.dirname, '..'),
  env: { ...process.env, PATH: `${dirname(binary)}${delimiter}${process.env['PATH'] ?? ''}` },
})
process.exit(status ?? 1)

function installed(exact: string): string {
  const folder = join(tmpdir(), `two-generals-node-${exact}`)
  const path = join(folder, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (!existsSync(path))
    execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefix', folder, `node@${exact}`], {
      stdio: 'inherit',
      shell: process.platform === 'win32',
    })
  return path
}
