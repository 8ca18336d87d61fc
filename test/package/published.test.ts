// What is published, as `npm run build` makes it: small enough, complete, and with types that users can compile.
// @module-tag full
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { moduleKinds } from './module-kinds.ts'

const root = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

describe('the package', () => {
  let folder = ''
  beforeAll(async () => {
    await run(process.execPath, [join(import.meta.dirname, 'build.ts')])
    folder = mkdtempSync(join(tmpdir(), 'two-generals-user-'))
    mkdirSync(join(folder, 'node_modules/@types'), { recursive: true })
    symlinkSync(root, join(folder, 'node_modules/two-generals'))
    for (const name of ['fast-check', 'vitest', '@types/node'])
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  }, 120_000) // a whole build, on a busy machine
  afterAll(() => rmSync(folder, { recursive: true }))

  test('weighs under 300 KB packed, without the entries that few need', () => {
    const needed = new Set(['dist/js/index.js'])
    for (const file of needed)
      for (const [, chunk = ''] of readFileSync(join(root, file), 'utf8').matchAll(/["']\.\/([\w-]+\.js)["']/g))
        needed.add(`dist/js/${chunk}`)
    const beside = ['dist/index.d.ts', 'dist/declarations.d.ts', 'README.md', 'LICENSE', 'package.json']
    const ring = [...needed, ...beside].map((file) => readFileSync(join(root, file)))

    expect(gzipSync(Buffer.concat(ring), { level: 9 }).byteLength).toBeLessThan(300_000)
  })

  test('runs and compiles for a user who checks the types of libraries', async () => {
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(
      join(folder, 'user.ts'),
      [
        "import { assess, noHang, op, serve, type Counterexample, type History, type System } from 'two-generals'",
        "import { readHistory } from 'two-generals/jepsen'",
        "import * as fc from 'fast-check'",
        "const go = op('go', fc.constant(null), () => fetch('http://shop/'))",
        'const shop = serve(() => () => new Response())',
        'const system: System = { nodes: { shop }, operations: [go], invariants: [noHang()] }',
        'const history: History = readHistory(\'{"type":"invoke","f":"read","process":0,"value":null}\')',
        "const faultsOf = ({ scenario: { plan } }: Counterexample) => plan.kind === 'listed' ? plan.faults : []",
        'console.log((await assess(system, { numRuns: 1 })).kind, history.events[0]?.kind, typeof faultsOf)',
      ].join('\n'),
    )
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          ...{ target: 'es2024', module: 'nodenext', strict: true, skipLibCheck: false, types: ['node'], noEmit: true },
          lib: ['es2024', 'esnext.disposable', 'dom', 'dom.iterable', 'dom.asynciterable'],
        },
        files: [
          'user.ts',
          ...[
            'index',
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
            'vitest',
          ].map((name) => join(root, `dist/${name}.d.ts`)),
        ],
      }),
    )

    const compiled = run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder])
    const printed = run(process.execPath, ['user.ts'], { cwd: folder })

    await expect(compiled.catch(({ stdout }: { stdout: string }) => ({ stdout }))).resolves.toMatchObject({
      stdout: '',
    })
    expect((await printed).stdout.trim()).toBe('holds invoke function')
  })

  test('declares all values that it exports, each below its docstring', async () => {
    const list = "import('two-generals').then((all) => console.log(Object.keys(all).join()))"
    const { stdout } = await run(process.execPath, ['-e', list], { cwd: folder })

    const names = stdout.trim().split(',')
    const declarations = readFileSync(join(root, 'dist/declarations.d.ts'), 'utf8')
    const documented = [...declarations.matchAll(/\*\/\nexport declare (?:function|const|class) (\w+)/g)]
    expect(names).toContain('assess')
    expect(names.filter((name) => !documented.some(([, one]) => one === name))).toEqual([])
  })

  test('knows the code of its user from its own', async () => {
    writeFileSync(
      join(folder, 'escape.js'),
      [
        "import { connect } from 'node:net'",
        "import { assess, noHang, op, serve } from 'two-generals'",
        "import * as fc from 'fast-check'",
        "const go = op('go', fc.constant(null), () => fetch('http://shop/'))",
        'const shop = serve(() => () => {',
        '  connect(9)',
        '  return new Response()',
        '})',
        'await assess({ nodes: { shop }, operations: [go], invariants: [noHang()] }).catch(({ message }) => console.log(message))',
      ].join('\n'),
    )

    const { stdout } = await run(process.execPath, ['escape.js'], { cwd: folder })

    expect(stdout).toContain('escape.js:6')
  })
})

describe('in every kind of project', () => {
  moduleKinds()
})
