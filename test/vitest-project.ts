// A project of a user in a folder of its own, with a whole vitest in a process of its own. For tests only, which have
// the tag `full`.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'

const root = resolve(import.meta.dirname, '..')
/**
 * A folder in which another version of vitest, and the built package, are installed: with `OTHER_VITEST=/tmp/v4` in the
 * environment these tests use that.
 */
const other = process.env['OTHER_VITEST']
const modules = join(other ?? root, 'node_modules')

/** For a shell: what `npx vitest` starts. */
export const vitestCommand: string = [process.execPath, join(modules, 'vitest/vitest.mjs')]
  .map((path) => `'${path}'`)
  .join(' ')

/** How a run of vitest went. */
export interface VitestRun {
  readonly code: number
  /** All tests, their names joined by ` / `: `passed`, `failed`, `skipped`, `todo`. */
  readonly statuses: Readonly<Record<string, string>>
  /** What each failed test says. */
  readonly failures: Readonly<Record<string, string>>
  readonly stdout: string
  readonly stderr: string
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[]
      readonly title: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

export class VitestProject {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'two-generals-suites-'))

  constructor(config: object = {}) {
    symlinkSync(modules, join(this.folder, 'node_modules'))
    this.write('package.json', '{ "type": "module" }\n')
    this.write('vitest.config.ts', VitestProject.config(config))
  }

  /** The text of a configuration in which the names of the package lead to its sources. */
  static config(test: object): string {
    const ours = JSON.stringify(join(root, 'vitest.config.ts'))
    const resolve = other === undefined ? `import { resolve } from ${ours}\n` : 'const resolve = {}\n'
    return `${resolve}export default { resolve, test: ${JSON.stringify({ allowOnly: true, ...test })} }\n` // also in CI
  }

  write(path: string, text: string): void {
    const file = join(this.folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8')
  }

  /** The names of the files of a folder, or none where it is not there. */
  list(path: string): readonly string[] {
    try {
      return readdirSync(join(this.folder, path)).toSorted()
    } catch {
      return []
    }
  }

  run(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<VitestRun> {
    return this.command(process.execPath, [join(modules, 'vitest/vitest.mjs'), 'run', ...args], env)
  }

  /** Any command that runs vitest; with `sh`, what follows `-c`. */
  async command(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<VitestRun> {
    rmSync(join(this.folder, 'report.json'), { force: true })
    const reporters = ['--reporter=json', '--reporter=default', '--outputFile.json=report.json']
    const words = file === 'sh' ? ['-c', `${args[1]} ${reporters.join(' ')}; exit $?`] : [...args, ...reporters]
    const { code, stdout, stderr } = await promisify(execFile)(file, words, {
      cwd: this.folder,
      env: { ...process.env, NO_COLOR: '1', ...env },
      maxBuffer: 1e8,
    }).then(
      (output) => ({ code: 0, ...output }),
      (error: { readonly code: number; readonly stdout: string; readonly stderr: string }) => error,
    )
    return { code, ...this.#report(), stdout: plain(stdout), stderr: plain(stderr) }
  }

  #report(): Pick<VitestRun, 'statuses' | 'failures'> {
    const { testResults } = JSON.parse(readFileSync(join(this.folder, 'report.json'), 'utf8')) as Report
    const tests = testResults.flatMap(({ assertionResults }) =>
      assertionResults.map((one) => ({ ...one, name: [...one.ancestorTitles, one.title].join(' / ') })),
    )
    return {
      statuses: Object.fromEntries(tests.map(({ name, status }) => [name, status])),
      failures: Object.fromEntries(
        tests.flatMap(({ name, failureMessages }) =>
          failureMessages.length === 0 ? [] : [[name, plain(failureMessages.join('\n'))]],
        ),
      ),
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function plain(text: string): string {
  return stripVTControlCharacters(text)
}

/** The head of a test file with a shop that charges whenever it is asked to, `naive`, and with its twin, `sound`. */
export const shopHead = `
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assess, exactlyOnce, journal, map, op, serve } from 'two-generals'
import { testResilience } from 'two-generals/vitest'

const charge = journal('charge')
const known = new Map()
const pay = op('pay', fc.record({ order: fc.uuid() }),
  (input) => fetch('http://shop/', { method: 'POST', body: JSON.stringify(input) }), { retries: 2, timeout: 5_000 })
const once = exactlyOnce(pay.by((p) => p.order), charge.by((c) => c.order))
const shop = (handler, more = {}) => ({
  nodes: { shop: serve(() => handler) }, operations: [pay], invariants: [once], tolerates: ['lose', 'duplicate'],
  ...more,
})
const naive = shop(async (request) => { charge.add(await request.json()); return new Response() })
const sound = shop(async (request) => {
  const { order } = await request.json()
  if (!known.has(order)) { known.set(order, true); charge.add({ order }) }
  return new Response()
}, { stores: [map(known, { name: 'known' })] })
`
