// time-to-first-bug: from typing `vitest run` on the README's first example to its story on the screen, in a project of
// its own that has the built package installed; and how much of that is ours: loading our modules, and the test itself.
import { execFile, spawn } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { quantile } from './alternate.ts'
import type { Effort, Result } from './result.ts'

const runs = { quick: 3, full: 15 }
const root = resolve(import.meta.dirname, '../..')
/** A story's last lines hold how to replay it. */
const toldAt = 'Replay '
const report = 'report.json'
const loaded = 'loaded-ms.txt'

/**
 * `value`: seconds until the story stands there; `baseline`: those of them that are ours; `ratio`: ours of all.
 * Medians.
 */
export async function* timeToFirstBug({ quick }: Effort): AsyncGenerator<Result, void> {
  const project = mkdtempSync(join(tmpdir(), 'two-generals-first-bug-'))
  try {
    await layProject(project)
    const times: { readonly all: number; readonly ours: number }[] = []
    for (let n = 0; n < (quick ? runs.quick : runs.full); n++) times.push(await timeOne(project))
    const shares = times.map(({ all, ours }) => ours / all)
    yield {
      name: 'time-to-first-bug',
      value: quantile(
        times.map(({ all }) => all),
        0.5,
      ),
      unit: 's',
      baseline: quantile(
        times.map(({ ours }) => ours),
        0.5,
      ),
      ratio: quantile(shares, 0.5),
      p10: quantile(shares, 0.1),
      p90: quantile(shares, 0.9),
    }
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}

/** A project with the built package among its dependencies. */
async function layProject(project: string): Promise<void> {
  const modules = join(project, 'node_modules')
  const own = join(modules, 'two-generals')
  mkdirSync(own, { recursive: true })
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '.bin' && !name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  copyFileSync(join(root, 'package.json'), join(own, 'package.json'))
  await promisify(execFile)(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json', '--outDir', join(own, 'dist')],
    { cwd: root },
  )
  copyFileSync(join(root, 'examples/charge.ts'), join(project, 'charge.ts'))
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }\n')
  writeFileSync(join(project, 'peers.ts'), peers)
  writeFileSync(join(project, 'loading.ts'), loading)
  writeFileSync(join(project, 'checkout.test.ts'), `import './peers.ts'\nimport './loading.ts'\n${readmeExample()}`)
}

/** The first test of the README. @throws where there is none */
export function readmeExample(): string {
  const [, example] = /```ts\n([^`]*?testResilience[^`]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? []
  if (example === undefined) throw new Error('README.md has no ```ts block with testResilience in it. Was it moved?')
  return example
}

/** What a project has without us: loaded first, so that it does not count as ours. */
const peers = "import 'fast-check'\nimport 'msw'\nimport 'vitest'\n"

/** Measures how long our modules take to load. */
const loading = `import { writeFileSync } from 'node:fs'
const start = performance.now()
await import('two-generals')
await import('two-generals/vitest')
writeFileSync('${loaded}', String(performance.now() - start))
export {}
`

async function timeOne(project: string): Promise<{ readonly all: number; readonly ours: number }> {
  // Else the saved one would be found first
  rmSync(join(project, '__counterexamples__'), { recursive: true, force: true })
  rmSync(join(project, 'node_modules/.vite'), { recursive: true, force: true })
  const all = await storySeconds(project)
  const { testResults } = JSON.parse(readFileSync(join(project, report), 'utf8')) as Report
  const [test] = testResults.flatMap(({ assertionResults }) => assertionResults)
  if (test?.status !== 'failed')
    throw new Error(`The README's example did not fail: ${test?.status ?? 'it did not run'}`)
  return { all, ours: (Number(readFileSync(join(project, loaded), 'utf8')) + test.duration) / 1_000 }
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly duration: number }[]
  }[]
}

function storySeconds(project: string): Promise<number> {
  const start = performance.now()
  const { promise, resolve: told, reject } = Promise.withResolvers<number>()
  const child = spawn(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    {
      cwd: project,
      env: { ...process.env, NO_COLOR: '1', CI: '', TWO_GENERALS_SEED: '' },
    },
  )
  let printed = ''
  let seconds: number | undefined
  const hear = (text: Buffer): void => {
    printed += text.toString()
    if (seconds === undefined && printed.includes(toldAt)) seconds = (performance.now() - start) / 1_000
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  child.on('error', reject)
  child.on('close', () => {
    if (seconds === undefined) reject(new Error(`The README's example told no story:\n${printed}`))
    else told(seconds)
  })
  return promise
}
