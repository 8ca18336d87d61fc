// README.md and docs/recipes.md are run: their code blocks are compiled and executed in a folder of their own, the
// failure that the README prints is the real one, and the tables of checkers and faults name what there is. A comment
// `<!-- ... -->` above a block holds lines that readers do not need. UPDATE_README=1 writes the real failure, and what
// commands print, into the README.
// @module-tag full
import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as main from 'two-generals'
import { main as commandLine } from '../src/cli/main.ts'
import { faultKinds, isFaultKind, type FaultKind } from '../src/scenario/fault/registry.ts'

const root = resolve(import.meta.dirname, '..')
const folder = join(root, '.readme')
const readmePath = join(root, 'README.md')
const readme = readFileSync(readmePath, 'utf8')

const recipes = readFileSync(join(root, 'docs/recipes.md'), 'utf8')
const recordedPath = join(root, 'docs/recorded-histories.md')

/** The code blocks, also of the recipes in docs, in order; the first is the test that fails. */
const blocks = [...`${readme}\n${recipes}`.matchAll(/(?:<!--\n([\s\S]*?)-->\n)?```ts\n([\s\S]*?)```/g)].map(
  ([, hidden = '', shown = ''], index) => ({
    shown,
    code: hidden + shown,
    file: shown.includes('testResilience') ? `block-${index}.test.ts` : `block-${index}.ts`,
  }),
)
const [first = { shown: '', code: '', file: '' }, ...others] = blocks
const failureBlock = /```text\n([\s\S]*?)```/
const checkout = 'checkout.test.ts'

interface Result {
  readonly file: string
  readonly title: string
  readonly status: string
  readonly message: string
}

/**
 * Writes the blocks into `.readme`, with the examples that they import, and a configuration each for tsc and vitest.
 */
function lay(): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  for (const example of ['charge.ts', 'stale-read.jsonl'])
    copyFileSync(join(root, 'examples', example), join(folder, example))
  writeFileSync(join(folder, checkout), first.code)
  for (const { file, code } of others) writeFileSync(join(folder, file), `${code}\nexport {}\n`)
  const imported = others
    .filter(({ file }) => !file.endsWith('.test.ts'))
    .map(({ file }) => `test('${file}', () => import('./${file}'))`)
  writeFileSync(join(folder, 'others.test.ts'), ["import { test } from 'vitest'", ...imported, ''].join('\n'))
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../tsconfig.json',
      include: ['*.ts'],
      compilerOptions: { isolatedDeclarations: false, declaration: false, noUnusedLocals: false, types: ['node'] },
    }),
  )
  writeFileSync(
    join(folder, 'vitest.config.ts'),
    [
      "import { resolve } from '../vitest.config.ts'",
      "export default { resolve, test: { include: ['*.test.ts'], testTimeout: 60_000 } }",
      '',
    ].join('\n'),
  )
}

const run = promisify(execFile)

async function vitest(): Promise<readonly Result[]> {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, TWO_GENERALS_SEED: undefined }
  const report = join(folder, 'report.json')
  await run(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=json', `--outputFile=${report}`],
    { cwd: folder, env },
  ).catch(() => undefined) // the first block fails, as it should
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report
  return testResults.flatMap(({ name, message, assertionResults }) => [
    ...(message === undefined || message === ''
      ? []
      : [{ file: name, title: '(the file)', status: 'failed', message }]),
    ...assertionResults.map(({ title, status, failureMessages }) => ({
      file: name,
      title,
      status,
      message: failureMessages.join('\n'),
    })),
  ])
}

interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly message?: string
    readonly assertionResults: readonly {
      readonly title: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

/** The story: what the error says, without its name and stack. */
function storyIn(message: string): string {
  const lines = stripVTControlCharacters(message).split('\n')
  const start = lines.findIndex((line) => line.startsWith('x '))
  const end = lines.findIndex((line, index) => index > start && /^\s+at /.test(line))
  return `${lines
    .slice(start, end === -1 ? undefined : end)
    .join('\n')
    .trimEnd()}\n`
}

describe('the code in the README', () => {
  let results: readonly Result[] = []
  beforeAll(async () => {
    lay()
    results = await vitest()
  }, 180_000) // a whole vitest, beside the other tests of a busy machine
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('compiles', async () => {
    const tsc = run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], { cwd: root })
    expect(
      await tsc.then(
        () => '',
        ({ stdout }: { stdout: string }) => stdout,
      ),
    ).toBe('')
  })

  test('fails where it should, with the failure that stands below it', () => {
    const failed = results.filter(({ file }) => file.endsWith(checkout))
    expect(failed.map(({ title, status }) => ({ title, status }))).toEqual([
      { title: 'an order is charged once', status: 'failed' },
    ])
    const story = storyIn(failed[0]?.message ?? '')
    if (process.env['UPDATE_README'] === '1')
      writeFileSync(
        readmePath,
        readme.replace(failureBlock, () => `\`\`\`text\n${story}\`\`\``),
      )
    else expect(failureBlock.exec(readme)?.[1]).toBe(story)
  })

  test('works everywhere else', () => {
    const rest = results.filter(({ file }) => !file.endsWith(checkout))
    expect(rest.filter(({ status }) => status === 'failed')).toEqual([])
    const ran = rest.filter(({ status }) => status === 'passed').flatMap(({ file, title }) => [basename(file), title])
    expect(others.map(({ file }) => file).filter((file) => !ran.includes(file))).toEqual([])
  })
})

describe('the commands in docs/recorded-histories.md', () => {
  const commands = [
    ...readFileSync(recordedPath, 'utf8').matchAll(/```sh\nnpx two-generals (.+)\n```\n\n```text\n([\s\S]*?)```/g),
  ].map(([, command = '', output = '']) => ({ command, output }))

  test('there is one', () => {
    expect(commands.length).toBeGreaterThan(0)
  })

  test.each(commands)('$command prints what stands below it', ({ command, output }) => {
    let said = ''
    const write = (text: string): void => {
      said += text
    }
    commandLine(command.split(' '), {
      readFile: (path) => readFileSync(join(root, path), 'utf8'),
      write,
      writeError: write,
      version: '',
    })
    if (process.env['UPDATE_README'] === '1')
      writeFileSync(
        recordedPath,
        readFileSync(recordedPath, 'utf8').replace(output, () => said),
      )
    else expect(said).toBe(output)
  })
})

describe('the first test', () => {
  test('is short', () => {
    expect(first.shown.trimEnd().split('\n').length).toBeLessThanOrEqual(25)
  })

  test('says the same as the example', () => {
    const example = readFileSync(join(root, 'examples/charge.ts'), 'utf8').replaceAll(
      /^export const (\w+): \S+ = /gm,
      'const $1 = ',
    )
    const declarations = first.shown.slice(first.shown.indexOf('const pay'), first.shown.indexOf('testResilience('))
    expect(
      declarations
        .trim()
        .split('\n')
        .filter((line) => !example.includes(line)),
    ).toEqual([])
  })
})

/** What to write into docs/faults.md for a kind that is missing there, and where. */
function rowToAdd(kind: FaultKind): string {
  const before = faultKinds[faultKinds.indexOf(kind) - 1]
  const place = before === undefined ? 'as the first row' : `directly below the row of \`${before}\``
  return `add ${place}: | \`${kind}\` | (what it does) | (where it strikes) |`
}

describe('what README.md, docs/checkers.md and docs/faults.md name', () => {
  const document = (name: string): string => readFileSync(join(root, name), 'utf8')
  const firstColumn = (text: string): readonly string[] =>
    [...text.matchAll(/^\| `(\w+)/gm)].map(([, name = '']) => name)

  test('faults: all of them, in the order in which they are tried', () => {
    const named = firstColumn(document('docs/faults.md'))
    const toDo = [
      ...faultKinds.filter((kind) => !named.includes(kind)).map(rowToAdd),
      ...named
        .filter((kind) => !isFaultKind(kind))
        .map((kind) => `remove the row of "${kind}": it is no kind of fault`),
    ]

    expect(toDo, 'the table in docs/faults.md').toEqual([])
    expect(named, 'the rows of that table stand in the order of src/scenario/fault/kinds.ts').toEqual(faultKinds)
  })

  test('checkers: each is exported, and none is left out', () => {
    const named = firstColumn(document('docs/checkers.md'))
    const checkers = readFileSync(join(root, 'src/index.ts'), 'utf8').split('// Checkers')[1]?.split('// ')[0] ?? ''
    const exported = [...checkers.matchAll(/^export \{ (\w+)/gm)].map(([, name = '']) => name)
    const notCheckers = ['check', 'counted', 'fold', 'weakest']
    expect([...named].sort()).toEqual(exported.filter((name) => !notCheckers.includes(name)).sort())
    for (const name of named) expect(main).toHaveProperty(name)
  })

  test("the README's own checkers are among them", () => {
    const rows = [...readme.matchAll(/^\| [^|]+\? \| (.+) \|$/gm)].map(([, row = '']) => row)
    const named = rows.flatMap((row) => [...row.matchAll(/(?<!\[)`(\w+)`/g)].map(([, name = '']) => name))

    expect(named.length).toBeGreaterThan(15)
    expect(named.filter((name) => !firstColumn(document('docs/checkers.md')).includes(name))).toEqual([])
  })

  test('files and scripts exist', () => {
    const files = [...readme.matchAll(/\]\(((?!https?:|#)[^)#]+)/g)].map(([, path = '']) => path)
    expect(files.length).toBeGreaterThan(0)
    expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([])
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name)
    expect(named.filter((name) => !(name in scripts))).toEqual([])
  })

  test('anchors lead to headings', () => {
    const anchors = [...readme.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor)
    const headings = [...readme.matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
      text
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    )
    expect(anchors.filter((anchor) => !headings.includes(anchor))).toEqual([])
  })
})
