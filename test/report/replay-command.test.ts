import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { replayCommand, type ReplayedTest } from '../../src/report/replay-command.ts'

const file = join(process.cwd(), 'test/checkout.test.ts')
const one = { suites: [], name: 'an order is charged once' }

/** The words into which a shell splits a command. */
function wordsOf(replayed: ReplayedTest): readonly string[] {
  const text = execFileSync('sh', ['-c', `printf '%s\\0' ${replayCommand(replayed)}`], { encoding: 'utf8' })
  return text.split('\0').slice(0, -1)
}

test('a plain name stays readable', () => {
  expect(replayCommand({ file, test: one })).toBe(
    "npx vitest run test/checkout.test.ts -t '^an order is charged once$'",
  )
})

test('project and options are those that were given', () => {
  const given = ['--config', 'a b.ts', '--mode', 'full']

  expect(replayCommand({ file, test: one, given, project: 'unit (node)' })).toBe(
    "npx vitest run test/checkout.test.ts --config 'a b.ts' --mode full --project 'unit (node)' " +
      "-t '^an order is charged once$'",
  )
})

describe('any characters', () => {
  const names = [
    'charges $5 (twice?)',
    'it\'s "quoted"',
    'a\\b `c`',
    'wow!',
    '[x] {y} ^z|w*+.',
    'a > b',
    '-x 💸',
    'a\nb',
  ]

  test.each(names)('a shell hands %j on as a regular expression that matches it alone, in every version', (name) => {
    const pattern = new RegExp(wordsOf({ file, test: { suites: [name, 'in'], name } }).at(-1) ?? '')

    for (const between of [' ', ' > ']) {
      expect([name, 'in', name].join(between)).toMatch(pattern)
      expect([name, 'in', `${name} too`].join(between)).not.toMatch(pattern)
      expect(['very', name, 'in', name].join(between)).not.toMatch(pattern)
      expect([name, name].join(between)).not.toMatch(pattern)
    }
  })

  test.each(['it’s $HOME (1)/[id].test.ts', 'quo\'te"s.test.ts', '-dash.test.ts', '~tilde !.test.ts'])(
    'a shell hands on the path %s',
    (path) => {
      expect(wordsOf({ file: join(process.cwd(), path), test: one })[3]).toBe(path.replace(/^-/, './-'))
    },
  )
})

describe('names that are one when joined', () => {
  const split = { suites: ['a'], name: 'b c' }
  const others = [split, { suites: ['a b'], name: 'c' }]

  test('are told apart by the line', () => {
    expect(wordsOf({ file, test: split, tests: others, line: '12' }).slice(3)).toEqual([
      ...['test/checkout.test.ts:12', '-t', '^a( >)? b c$'],
    ])
  })

  test('so is a name that holds what stands between names', () => {
    const tests = [
      { suites: ['a'], name: 'b' },
      { suites: [], name: 'a > b' },
    ]

    expect(wordsOf({ file, test: { suites: ['a'], name: 'b' }, tests, line: '7' })[3]).toBe('test/checkout.test.ts:7')
  })

  test('others need none', () => {
    expect(wordsOf({ file, test: split, tests: [split, one], line: '12' })[3]).toBe('test/checkout.test.ts')
  })
})
