// Tests that what is published resolves in every kind of project: ES modules and CommonJS, with each way of TypeScript
// to resolve modules (of `node`, which TypeScript 7 does not have any more, what package.json says for it). Run by
// published.test.ts, which builds the package: two builds at once would meet in one folder.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)
const entries = [
  'index',
  'vitest',
  'preload',
  'jepsen',
  'lambda',
  'as-if-alone',
  'postgres',
  'queues',
  'redis',
  'stores',
  'tolerance',
  'conformance',
]

const user = `
import * as fc from 'fast-check'
import { assess, noHang, op, serve, type System, type History } from 'two-generals'
import { testResilience } from 'two-generals/vitest'
import { readHistory } from 'two-generals/jepsen'
import { storeConformance } from 'two-generals/conformance'
import { lambda } from 'two-generals/lambda'
import { asIfAlone } from 'two-generals/as-if-alone'
import { postgres } from 'two-generals/postgres'
import { sqsQueue } from 'two-generals/queues'
import { redis } from 'two-generals/redis'
import { toleranceOf } from 'two-generals/tolerance'
import { d1 } from 'two-generals/stores'
const go = op('go', fc.constant(null), () => fetch('http://shop/'))
const system: System = { nodes: { shop: serve(() => () => new Response()) }, operations: [go], invariants: [noHang()] }
testResilience('x', { numRuns: 1 }, system)
export const history: History = readHistory('')
// @ts-expect-error it is a number
testResilience('x', { numRuns: '1' }, system)
export const all = [assess, storeConformance, lambda, asIfAlone, postgres, sqsQueue, redis, d1, toleranceOf]
`

/** The tests, for a `describe` that comes after a build. */
export function moduleKinds(): void {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'two-generals-kinds-'))
    mkdirSync(join(folder, 'node_modules/@types'), { recursive: true })
    symlinkSync(root, join(folder, 'node_modules/two-generals'))
    for (const name of ['fast-check', 'vitest', '@types/node'])
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
    writeFileSync(join(folder, 'user.ts'), user)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each([
    ['node16', 'node16', 'commonjs'],
    ['node16', 'node16', 'module'],
    ['nodenext', 'nodenext', 'commonjs'],
    ['nodenext', 'nodenext', 'module'],
    ['bundler', 'esnext', 'commonjs'],
  ])('types resolve under moduleResolution %s, module %s, in a %s project', { timeout: 60_000 }, async (...kind) => {
    const [moduleResolution, module, type] = kind
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }))
    const compilerOptions = {
      ...{
        module,
        moduleResolution,
        target: 'es2024',
        strict: true,
        skipLibCheck: true,
        types: ['node'],
        noEmit: true,
      },
      lib: ['es2024', 'esnext.disposable', 'dom', 'dom.iterable', 'dom.asynciterable'],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['user.ts'] }))
    const tsc = run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder])

    await expect(tsc.catch(({ stdout }: { stdout: string }) => ({ stdout }))).resolves.toMatchObject({ stdout: '' })
  })

  test('moduleResolution node finds the types by package.json alone', () => {
    const { types, typesVersions } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      readonly types: string
      readonly typesVersions: { readonly '*': Readonly<Record<string, readonly string[]>> }
    }
    const named = [types, ...Object.values(typesVersions['*']).flat()]

    expect(named.toSorted()).toEqual(entries.map((name) => `./dist/${name}.d.ts`).toSorted())
    for (const path of named) expect(existsSync(join(root, path)), path).toBe(true)
  })

  test('a CommonJS program that requires an entry has the same module as one that imports it', async () => {
    const program = `const { assess } = require('two-generals')
    const { readHistory } = require('two-generals/jepsen')
    import('two-generals').then((own) => console.log(own.assess === assess, typeof readHistory))`
    writeFileSync(join(folder, 'program.cjs'), program)

    expect((await run(process.execPath, ['program.cjs'], { cwd: folder })).stdout.trim()).toBe('true function')
  })
}
