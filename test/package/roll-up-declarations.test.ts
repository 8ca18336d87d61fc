import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rollUpDeclarations } from './roll-up-declarations.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'two-generals-roll-up-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** The files that come of those that tsc wrote. */
function rolledUp(written: Readonly<Record<string, string>>): (entry: string) => string {
  for (const [path, text] of Object.entries(written)) {
    mkdirSync(dirname(join(folder, 'from', path)), { recursive: true })
    writeFileSync(join(folder, 'from', path), `${text}\nexport {};\n`)
  }
  rollUpDeclarations(join(folder, 'from'), join(folder, 'into'), ['index', 'extra'])
  return (entry) => readFileSync(join(folder, 'into', `${entry}.d.ts`), 'utf8')
}

test('what two entries share is declared once, and only what an entry exports can be imported', () => {
  const text = rolledUp({
    'index.d.ts': "export { run } from './core/run.ts';",
    'extra.d.ts':
      "import { type TestContext } from 'vitest';\nimport type { Options } from './core/run.ts';\nexport declare function verify(context: TestContext, options: Options): void;",
    'core/run.d.ts':
      '/** How it runs. */\nexport interface Options {\n    /** How often. */\n    readonly times: Times;\n}\n/** A number. */\nexport type Times = number;\nexport declare const unused: Times;\n/** Runs it. */\nexport declare function run(options: Options): void;',
  })

  expect(text('declarations')).toBe(
    '/** How it runs. */\nexport interface Options {\n  /** How often. */\n  readonly times: Times;\n}\n/** A number. */\ntype Times = number;\n/** Runs it. */\nexport declare function run(options: Options): void;\nexport {};\n',
  )
  expect(text('index')).toBe("export { run } from './declarations.js';\nexport {};\n")
  expect(text('extra')).toBe(
    "import type { TestContext } from 'vitest';\nimport type { Options } from './declarations.js';\nexport declare function verify(context: TestContext, options: Options): void;\nexport {};\n",
  )
})

test('a name in a comment, a text or a key is no need; a link is', () => {
  const text = rolledUp({
    'index.d.ts':
      "/** Like Other, see {@link Linked}. */\nexport interface Shown {\n    Key: 'Text';\n}\ninterface Other {\n}\ninterface Linked {\n}\ninterface Key {\n}\ninterface Text {\n}",
    'extra.d.ts': 'export {};',
  })

  expect(text('declarations').match(/interface \w+/g)).toEqual(['interface Shown', 'interface Linked'])
})

test('two declarations of one name are an error, which names both files', () => {
  const both = {
    'index.d.ts': "export { a } from './a.ts';\nexport { b } from './b.ts';",
    'extra.d.ts': 'export {};',
    'a.d.ts': 'interface Options {\n}\nexport declare function a(options: Options): void;',
    'b.d.ts': 'interface Options {\n}\nexport declare function b(options: Options): void;',
  }

  expect(() => rolledUp(both)).toThrow(/b\.d\.ts and .*a\.d\.ts both declare Options/)
})
