// The command line: what it prints and its exit code, for each verdict and each mistake; and once as a real process.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { actsOf, conventionalAct } from '../../src/check/acts.ts'
import { checksByName, type NamedCheck } from '../../src/cli/checks-by-name.ts'
import { main, type CommandIo } from '../../src/cli/main.ts'
import { holds, unknown, vacuous, violated, type Invariant } from '../../src/verdict/verdict.ts'

/** Every read gives what the last write before it in the file wrote: enough to have a verdict of each kind. */
const inFileOrder: Invariant = {
  kind: 'invariant',
  name: 'in file order',
  effects: [],
  check(history) {
    let written: unknown = null
    let seq = -1
    const acts = actsOf(history, undefined, conventionalAct)
    if (acts.length === 0) return vacuous('no operation was recorded.')
    for (const { act, call, known } of acts) {
      if (!known) return unknown(`nobody knows how ${act.f} ended.`)
      if (act.f === 'write') [written, seq] = [act.input, call.end?.seq ?? -1]
      else if (act.output !== written)
        return violated({
          text: `a read gave ${String(act.output)} after ${String(written)}.`,
          kind: 'custom',
          of: 'stale',
          events: [seq, call.end?.seq ?? -1],
        })
    }
    return holds
  },
}

const files: Readonly<Record<string, string>> = {
  'good.log':
    'INFO jepsen.util - 0 :invoke :write 4\nINFO jepsen.util - 0 :ok :write 4\nINFO jepsen.util - 1 :invoke ' +
    ':read nil\nINFO jepsen.util - 1 :ok :read 4\n',
  'bad.edn': [
    '{:process 0, :type :invoke, :f :write, :value 4, :time 1000000}',
    '{:process :nemesis, :type :info, :f :start, :value nil}',
    '{:process 2, :type :invoke, :f :write, :value 4, :time 1500000}',
    '{:process 0, :type :ok, :f :write, :value 4, :time 2000000}',
    '{:process 2, :type :ok, :f :write, :value 4, :time 2500000}',
    '{:process 7, :type :invoke, :f :read, :value nil, :time 3000000}',
    '{:process 7, :type :ok, :f :read, :value 3, :time 64000000}',
    '{:process 7, :type :invoke, :f :write, :value 3, :time 65000000}',
  ].join('\n'),
  'open.jsonl': '{"process":0,"type":"invoke","f":"read","value":null}\n',
  'pairs.edn':
    '{:process 0, :type :invoke, :f :write, :value [:x 4]}\n{:process 0, :type :ok, :f :write, :value [:x 4]}',
  'empty.jsonl': '',
  'broken.jsonl': '{"process":0,"type":"ok","f":"read","value":null}',
}

const pairs = [
  ['invoke', 'write', '[1 3]', 0],
  ['ok', 'write', '[1 3]', 0],
  ['invoke', 'write', '[2 5]', 0],
  ['ok', 'write', '[2 5]', 0],
  ['invoke', 'read', '[1 nil]', 1],
  ['ok', 'read', '[1 3]', 1],
]
  .map(([type, f, value, process]) => `{:process ${process}, :type :${type}, :f :${f}, :value ${value}}`)
  .join('\n')

const broken: Invariant = {
  ...inFileOrder,
  name: 'other',
  check: () => {
    throw new TypeError('no such operation')
  },
}
/** Throws in the words of an error of the package's own. */
const quoting: Invariant = {
  ...inFileOrder,
  name: 'other',
  check: () => {
    throw new Error('The model x has no "y" (have z). Say what it means.')
  },
}
const checks: ReadonlyMap<string, NamedCheck> = new Map<string, NamedCheck>([
  ['file-order', { make: () => inFileOrder, takes: [] }],
  ['quoting', { make: () => quoting, takes: [] }],
  [
    'other',
    {
      make: ({ initial = 'nothing', steps }) => ({
        ...broken,
        name: `other from ${String(initial)}${steps === undefined ? '' : ` in ${steps} steps`}`,
      }),
      takes: ['initial', 'steps'],
    },
  ],
])

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

function run(command: string, io: Partial<CommandIo> = {}): Ran {
  const said = { out: '', err: '' }
  const code = main(
    command === '' ? [] : command.split(' '),
    {
      readFile(path) {
        const text = files[path]
        if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`)
        return text
      },
      write: (text) => {
        said.out += text
      },
      writeError: (text) => {
        said.err += text
      },
      version: '9.8.7',
      ...io,
    },
    checks,
  )
  return { code, ...said }
}

/** With the checks that are shipped. */
function ready(command: string): Ran {
  const lines = (...all: readonly (readonly [string, string, string, unknown])[]): string =>
    all.map(([process, type, f, value]) => JSON.stringify({ process, type, f, value })).join('\n')
  const recorded: Readonly<Record<string, string>> = {
    ...files,
    'pairs.edn': pairs,
    'cas.jsonl': lines(['a', 'invoke', 'cas', [1, 2]], ['a', 'ok', 'cas', [1, 2]]),
    'named.jsonl': lines(
      ...[1, 2].flatMap(
        (n) =>
          [
            ['alice', 'invoke', 'write', n],
            ['alice', 'ok', 'write', n],
          ] as const,
      ),
      ['bob', 'invoke', 'read', null],
      ['bob', 'ok', 'read', 1],
    ),
  }
  const said = { out: '', err: '' }
  const code = main(command.split(' '), {
    readFile: (path) => recorded[path] ?? '',
    write: (text) => {
      said.out += text
    },
    writeError: (text) => {
      said.err += text
    },
    version: '9.8.7',
  })
  return { code, ...said }
}

describe('verdicts', () => {
  test('holds: 0', () => {
    expect(run('check good.log --model file-order')).toEqual({
      code: 0,
      err: '',
      out: `ok holds: in file order

Read        good.log: 2 operations of 2 processes: 2 ok, 0 failed, 0 with an unknown outcome
`,
    })
  })

  test('violated: 1, with the reason and the story', () => {
    expect(run('check bad.edn -m file-order')).toEqual({
      code: 1,
      err: '',
      out: `x violated: in file order

a read gave 3 after 4.

seconds  client 0   client 2   client 7
  0.001  [ write 4
  0.002  |          [ write 4
  0.002  ] ok       |
  0.003             ] ok
  0.003                        [ read
  0.064                        ] 3       <- here
    ...  1 other operation is left out

Read        bad.edn: 4 operations of 3 processes: 3 ok, 0 failed, 1 with an unknown outcome
Not read    1 line without an operation of a process (nemesis, log)
`,
    })
  })

  test('unknown: 3, also where the checker throws', () => {
    const ran = run('check open.jsonl --model file-order')

    expect(ran).toMatchObject({ code: 3, err: '' })
    expect(ran.out).toContain('nobody knows how read ended.')
    expect(ran.out).toContain('never counts as "holds"')
    expect(run('check good.log --model other')).toMatchObject({ code: 3 })
    expect(run('check good.log --model other').out).toContain('other from nothing threw: no such operation')
  })

  test('operations that the model does not have: 2, and what to do at the command line', () => {
    expect(ready('check good.log -m fifo-queue')).toEqual({
      code: 2,
      out: '',
      err:
        'Cannot judge good.log as fifo-queue. The model queue has no "write" (have enqueue and dequeue). Name the ' +
        'operations so, or give another --model.\n',
    })
    expect(ready('check cas.jsonl -m serializable').err).toBe(
      'Cannot judge cas.jsonl as serializable. Event 0 is "cas", which is no transaction (have txn, read, ' +
        'write, append). Name the operations so, or give another --model.\n',
    )
  })

  test.each([
    ['counter-bounds', 'write of client 0 (event 0) is "write", which is no act of a counter (have add, read).'],
    [
      'queue-delivery',
      'write of client 0 (event 0) is "write", which is no act of a queue (have enqueue, dequeue, drain).',
    ],
  ])('also where %s does not have them', (model, found) => {
    const file = 'good.log'

    expect(ready(`check ${file} -m ${model}`)).toEqual({
      code: 2,
      out: '',
      err: `Cannot judge ${file} as ${model}. ${found} Name the operations so, or give another --model.\n`,
    })
  })

  test('unknown: 3 where a checker throws in the same words: the kind of error decides, not its text', () => {
    const file = 'good.log'

    const ran = run(`check ${file} --model quoting`)

    expect(ran).toMatchObject({ code: 3, err: '' })
    expect(ran.out.replaceAll(/\s+/g, ' ')).toContain(
      'other threw: The model x has no "y" (have z). Say what it means.',
    )
  })

  test('a violation of values that are pairs may be none: jepsen.independent', () => {
    expect(ready('check pairs.edn -m register')).toMatchObject({ code: 1 })
    expect(ready('check pairs.edn -m register').out.replaceAll(/\s+/g, ' ')).toContain(
      'Hint every value is a pair [key, value], also of what reads: if jepsen.independent wrote it, give --independent',
    )
    expect(ready('check pairs.edn -m register --independent')).toMatchObject({ code: 0 })
    expect(ready('check pairs.edn -m register --independent').out).not.toContain('Hint')
  })

  test('processes with names stand above their columns as the clients that the reason names', () => {
    const { out } = ready('check named.jsonl -m cas-register')

    expect(out).toContain('x violated: linearizable(cas-register)')
    expect(out).toMatch(/read by client 1 returned 1[^]*seconds {2}client 0 \(alice\) +client 1 \(bob\)/)
  })

  test('vacuous: 3', () => {
    expect(run('check empty.jsonl --model file-order')).toMatchObject({ code: 3, err: '' })
    expect(run('check empty.jsonl --model file-order').out).toContain('no operation was recorded.')
  })

  test('what was there at first can be said', () => {
    expect(run('check good.log --model other --initial 7').out).toContain('unknown: other from 7')
    expect(run('check good.log --model other --steps 3k').out).toContain('unknown: other from nothing in 3072 steps')
  })

  test('whether nil is a value can be said, for every format', () => {
    const nil = (type: string): string => `{:process 0, :type :${type}, :f :read, :value nil}`
    const edn = { readFile: () => `${nil('invoke')}\n${nil('ok')}` }
    const log = { readFile: () => '0 :invoke :read nil\n0 :ok :read nil' }
    const code = (io: Partial<CommandIo>, ...flags: readonly string[]): number =>
      main(['check', 'read', '--model', 'register', '--initial', '7', ...flags], {
        readFile: () => '',
        write: () => undefined,
        writeError: () => undefined,
        version: '',
        ...io,
      })

    expect([code(edn), code(edn, '--no-nil-unknown')]).toEqual([3, 1])
    expect([code(log), code(log, '--nil-unknown')]).toEqual([1, 3])
  })

  test('the format and pairs of key and value can be said', () => {
    expect(run('check good.log --model file-order --format log').code).toBe(0)
    expect(run('check pairs.edn --model file-order --independent').out).toContain('1 operation of 1 process')
    expect(run('check pairs.edn --model file-order --format json').err).toContain('Line 1: {:process 0')
  })

  test('never wider than the terminal, and coloured where it may be', () => {
    const { out } = run('check bad.edn -m file-order', { width: 60, colour: true })

    expect(out).toContain('\u001B[31m  <- here\u001B[39m')

    const widths = stripVTControlCharacters(out)
      .split('\n')
      .map((line) => line.length)

    expect(Math.max(...widths)).toBeLessThanOrEqual(60)
  })
})

describe('--json', () => {
  const parsed = (command: string): unknown => JSON.parse(run(command).out)

  test('one line, with the operations that contradict each other as the file had them', () => {
    expect(run('check bad.edn -m file-order --json').out.trimEnd()).not.toContain('\n')
    expect(parsed('check bad.edn -m file-order --json')).toEqual({
      verdict: 'violated',
      invariant: 'in file order',
      file: 'bad.edn',
      reasons: [
        {
          kind: 'custom',
          of: 'stale',
          text: 'a read gave 3 after 4.',
          events: [
            { process: 2, type: 'ok', f: 'write', value: 4, atMs: 2.5 },
            { process: 7, type: 'ok', f: 'read', value: 3, atMs: 64 },
          ],
        },
      ],
      read: { operations: 4, processes: 3, ok: 3, failed: 0, unknown: 1, notRead: 1 },
      hints: [],
    })
  })

  test('the exit code is the same, and mistakes stay words', () => {
    expect(run('check good.log -m file-order --json').code).toBe(0)
    expect(run('check bad.edn -m file-order --json').code).toBe(1)
    expect(run('check open.jsonl -m file-order --json').code).toBe(3)
    expect(run('check broken.jsonl -m file-order --json')).toMatchObject({ code: 2, out: '' })
  })
})

test('every key that is bad is named', () => {
  const keys = ['a', 'b', 'c', 'd', 'e']
  const lines = keys.flatMap((key, process) => [
    { process, type: 'invoke', f: 'read', key, value: null },
    { process, type: 'ok', f: 'read', key, value: 7 },
  ])
  const readFile = (): string => lines.map((line) => JSON.stringify(line)).join('\n')
  const asked = ['check', 'keys.jsonl', '--model', 'register']
  const out: string[] = []
  const io: CommandIo = { readFile, write: (text) => out.push(text), writeError: (text) => out.push(text), version: '' }

  main(asked, io)
  main([...asked, '--json'], io)

  expect(out[0]).toContain('And 2 more like these, on "d" and "e".')
  const { reasons } = JSON.parse(out[1] ?? '') as { readonly reasons: readonly { readonly key: string }[] }
  expect(reasons.map(({ key }) => key)).toEqual(keys)
})

describe('help', () => {
  test('names the models, the formats and the exit codes', () => {
    for (const flag of ['--help', '-h', 'check --help']) expect(run(flag)).toMatchObject({ code: 0, err: '' })
    const { out } = run('--help')
    for (const word of [
      'file-order, quoting, other',
      'json:',
      'edn:',
      'log:',
      'events:',
      '--independent',
      'Exit code: 0 holds, 1 violated, 2',
    ])
      expect(out).toContain(word)

    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110)
  })

  test('without arguments it is printed too, and the exit code is 2', () => {
    expect(run('')).toEqual({ ...run('--help'), code: 2 })
  })

  test('version', () => {
    expect(run('--version')).toEqual({ code: 0, out: '9.8.7\n', err: '' })
  })
})

describe('mistakes: 2, and nothing on the standard output', () => {
  test.each([
    [
      'chekc bad.edn',
      'The command "chekc" is unknown (have "check"). Did you mean "check"? See two-generals --help.\n',
    ],
    ['check', 'two-generals check takes one FILE, found none. See two-generals --help.\n'],
    ['check a b --model other', 'two-generals check takes one FILE, found 2. See two-generals --help.\n'],
    ['check good.log', 'Say what the history ought to be: --model NAME, one of file-order, quoting, other.\n'],
    [
      'check good.log --model fileorder',
      'The model "fileorder" is unknown (have "file-order", "quoting", "other"). Did you mean "file-order"?\n',
    ],
    [
      'check good.log --model linearzable',
      'The model "linearzable" is unknown (have "file-order", "quoting", "other"). To check that a history is ' +
        'linearizable, name the object: --model register, or another one.\n',
    ],
    [
      'check good.log --model other --format ed',
      'The format "ed" is unknown (have "json", "edn", "log", "sessions", "events"). Did you mean "edn"?\n',
    ],
    ['check good.log --model file-order --initial 0', 'The model "file-order" takes no --initial.\n'],
    ['check good.log --model other --bytes 1', 'The model "other" takes no --bytes.\n'],
    [
      'check good.log --model other --steps many',
      '--steps many is no whole number above 0; write e.g. 5000000 or 512M.\n',
    ],
    ['check good.log --model other --steps 0', '--steps 0 is no whole number above 0; write e.g. 5000000 or 512M.\n'],
    ['check good.log --model other --initial x', '--initial x is not JSON; write e.g. 0, null or \'""\'.\n'],
    [
      'check no.log --model other',
      "Cannot read no.log: ENOENT: no such file or directory, open 'no.log'. Is the path right?\n",
    ],
    [
      'check broken.jsonl --model other',
      expect.stringMatching(
        /^Cannot read broken\.jsonl\. Line 1: a completion \(ok\), and no line of the file is an invocation; /,
      ),
    ],
  ])('%s', (command, err) => {
    expect(run(command)).toEqual({ code: 2, out: '', err })
  })

  test('an option that there is not', () => {
    expect(run('check good.log --modle x')).toMatchObject({ code: 2, out: '' })
    expect(run('check good.log --modle x').err).toMatch(/'--modle'.+See two-generals --help\.\n$/)
  })
})

test('the models that there are: each is asked, whatever the history holds', () => {
  expect([...checksByName.keys()]).toEqual(
    expect.arrayContaining([
      'register',
      'cas-register',
      'counter',
      'set',
      'fifo-queue',
      'key-value',
      'mutex',
      'bank',
      'sequential-register',
      'sequential-bank',
      'counter-bounds',
      'unique-ids',
      'queue-delivery',
      'mutual-exclusion',
      'read-your-writes',
      'monotonic-reads',
      'monotonic-writes',
      'writes-follow-reads',
      'causal',
      'no-lost-update',
      'conservation',
      'multi-register',
      'sequential-multi-register',
      'long-fork',
      'serializable',
      'weakest',
    ]),
  )

  for (const name of checksByName.keys()) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
    const said: string[] = []
    const io = {
      readFile: () => '',
      write: (text: string) => said.push(text),
      writeError: (text: string) => said.push(text),
      version: '',
    }
    expect([
      name,
      main(['check', 'empty', '--model', name, ...(name.endsWith('bank') ? ['--initial', '{"a": 1}'] : [])], io),
      said.join('').includes('vacuous'),
    ]).toEqual([name, 3, true])
  }
})

describe('models of one object', () => {
  const asked = (model: string, ...rest: readonly string[]): Ran => {
    const said = { out: '', err: '' }
    const io = {
      readFile: () => '{:process 0, :type :invoke, :f :read, :value nil}\n{:process 0, :type :ok, :f :read, :value 5}',
      version: '',
    }
    const code = main(['check', 'read.edn', '-m', model, ...rest], {
      ...io,
      write: (text) => {
        said.out += text
      },
      writeError: (text) => {
        said.err += text
      },
    })
    return { code, ...said }
  }

  test('start from what is said', () => {
    expect([asked('cas-register').code, asked('cas-register', '--initial', '5').code]).toEqual([1, 0])
    expect([asked('counter').code, asked('counter', '--initial', '5').code]).toEqual([1, 0])
  })

  test('refuse what is no start for them', () => {
    expect(asked('counter', '-i', '"five"')).toEqual({
      code: 2,
      out: '',
      err: 'A counter cannot start from "five"; give a number.\n',
    })
    expect(asked('bank')).toEqual({
      code: 2,
      out: '',
      err: 'A bank cannot start from nothing; give --initial, what each account holds: \'{"a": 10, "b": 10}\'.\n',
    })
    expect(asked('set', '-i', '[]').err).toBe('The model "set" takes no --initial.\n')
  })
})

test('of transactions the weakest model is named, then what breaks it', () => {
  const skewed = [
    '{:process 0, :type :invoke, :f :txn, :value [[:append 1 1] [:r 2 nil]]}',
    '{:process 1, :type :invoke, :f :txn, :value [[:append 2 1] [:r 1 nil]]}',
    '{:process 0, :type :ok, :f :txn, :value [[:append 1 1] [:r 2 nil]]}',
    '{:process 1, :type :ok, :f :txn, :value [[:append 2 1] [:r 1 nil]]}',
    '{:process 1, :type :invoke, :f :txn, :value [[:r 1 nil] [:r 2 nil]]}',
    '{:process 1, :type :ok, :f :txn, :value [[:r 1 [1]] [:r 2 [1]]]}',
  ].join('\n')
  const asked = (model: string): Ran => {
    let out = ''
    const code = main(['check', 'skew.edn', '-m', model], {
      readFile: () => skewed,
      write: (text) => {
        out += text
      },
      writeError: () => undefined,
      version: '',
    })
    return { code, out, err: '' }
  }

  expect(asked('weakest')).toMatchObject({
    code: 1,
    out: expect.stringMatching(/Not .+ \(G2-item\)[\s\S]+G2-item: T1 read[\s\S]+\[ txn \[\["append",1,1\]/),
  })
  expect([asked('snapshot-isolation').code, asked('serializable').code]).toEqual([0, 1])
})

describe('as a process', { tags: ['full'] }, () => {
  const root = resolve(import.meta.dirname, '../..')
  const start = (...args: readonly string[]): Ran => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [resolve(root, 'node_modules/tsx/dist/cli.mjs'), 'src/cli/bin.ts', ...args],
      {
        cwd: root,
        encoding: 'utf8',
        input: files['good.log'],
        env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
      },
    )
    return {
      code: status ?? -1,
      out: stdout,
      err: stderr
        .split('\n')
        .filter((line) => !line.includes('Warning'))
        .join('\n'),
    }
  }
  const { version, bin } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'))

  test("it is the package's bin, and tells the package's version", () => {
    expect(bin).toEqual({ 'two-generals': 'dist/js/bin.js' })
    expect(start('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })

  test('a history from the standard input', () => {
    const ran = start('check', '-', '--model', 'read-your-writes')

    expect(ran).toMatchObject({ code: 3, err: '' }) // nobody reads what was written before
    expect(ran.out).toContain('2 operations of 2 processes')
  })

  test('mistakes go to the standard error', () => {
    expect(start('check', 'nowhere.edn', '--model', 'nothing')).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('The model "nothing" is unknown'),
    })
  })
})
