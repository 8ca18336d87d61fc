// The command line: `two-generals check FILE --model NAME`. Reads arguments and files through its `io`, writes through
// it, and gives the exit code; must not know processes.
import { parseArgs } from 'node:util'
import { thrown, verdictOf } from '../check/check.ts'
import { UnknownActError } from '../check/unknown-act.ts'
import { checksByName, type CheckOptions, type NamedCheck } from './checks-by-name.ts'
import type { History } from '../history/history.ts'
import { exactJson } from '../read/exact-json.ts'
import type { TextSource } from '../read/text-lines.ts'
import { historyFormats, readHistory, type ReadOptions } from '../read/read-history.ts'
import { checkedJson } from './checked-json.ts'
import { formatChecked } from './format-checked.ts'
import { wrap } from '../report/ink.ts'
import { ended } from '../plain/ended.ts'
import { mostSimilar, suggestion } from '../plain/suggestion.ts'
import type { Invariant, Verdict, VerdictKind } from '../verdict/verdict.ts'

/** The interface between the command line and its process. */
export interface CommandIo {
  /** The text of a file, or its pieces if it is long; `-` is the standard input. */
  readonly readFile: (path: string) => TextSource
  readonly write: (text: string) => void
  readonly writeError: (text: string) => void
  readonly version: string
  /** Columns of the terminal. @default 100 */
  readonly width?: number
  /** @default false */
  readonly colour?: boolean
}

const exitCodes: Readonly<Record<VerdictKind, number>> = { holds: 0, violated: 1, unknown: 3, vacuous: 3 }
const badInput = 2

/**
 * Runs one command line; the result is the exit code: 0 holds, 1 violated, 2 bad usage or input, 3 unknown or vacuous.
 */
export function main(
  argv: readonly string[],
  io: CommandIo,
  checks: ReadonlyMap<string, NamedCheck> = checksByName,
): number {
  try {
    return run(argv, io, checks)
  } catch (error) {
    io.writeError(`${error instanceof Error ? error.message : String(error)}\n`)
    return badInput
  }
}

function run(argv: readonly string[], io: CommandIo, checks: ReadonlyMap<string, NamedCheck>): number {
  const { values, positionals } = argumentsIn(argv)
  if (values.help || argv.length === 0) return said(io, helpText(checks), argv.length === 0 ? badInput : 0)
  if (values.version) return said(io, `${io.version}\n`, 0)
  const [command, file, ...rest] = positionals
  if (command !== 'check')
    throw new Error(
      `The command "${command ?? ''}" is unknown${suggestion(command ?? '', ['check'])} See two-generals --help.`,
    )
  if (file === undefined || rest.length > 0)
    throw new Error(
      `two-generals check takes one FILE, found ${rest.length === 0 ? 'none' : positionals.length - 1}. See ` +
        'two-generals --help.',
    )
  const { invariant, title } = invariantNamed(values.model, askedOf(values), checks)
  const history = historyIn(file, io, {
    ...formatNamed(values.format),
    independent: values.independent,
    ...(values['nil-unknown'] === undefined ? {} : { nilUnknown: values['nil-unknown'] }),
  })
  const verdict = verdictOn(history, invariant, file, values.model ?? '')
  const hints = values.independent || verdict.kind === 'holds' || !looksIndependent(history) ? [] : [independentHint]
  const checked = { file, invariant: title, history, verdict, hints }
  return said(io, `${values.json ? checkedJson(checked) : formatChecked(checked, io)}\n`, exitCodes[verdict.kind])
}

/**
 * The verdict; unknown if the checker threw.
 *
 * @throws if the history has other operations than this model: the file or the model is the wrong one
 */
function verdictOn(history: History, invariant: Invariant, file: string, model: string): Verdict {
  try {
    return verdictOf(invariant, history)
  } catch (error) {
    if (error instanceof UnknownActError)
      throw new Error(
        `Cannot judge ${file} as ${model}. ${error.found} Name the operations so, or give another --model.`,
        { cause: error },
      )
    return thrown(invariant, error)
  }
}

const independentHint =
  'every value is a pair [key, value], also of what reads: if jepsen.independent wrote it, give --independent'

/** Whether every value is a pair `[key value]`; a read is invoked with `[key nil]`. */
function looksIndependent({ events }: History): boolean {
  const asked = events.flatMap((event) => (event.kind === 'invoke' && event.key === undefined ? [event.input] : []))
  const isPair = (value: unknown): boolean => Array.isArray(value) && value.length === 2 && !Array.isArray(value[0])
  return asked.every(isPair) && asked.some((value) => Array.isArray(value) && value[1] === null)
}

interface CommandValues {
  readonly help: boolean
  readonly version: boolean
  readonly independent: boolean
  readonly json: boolean
  readonly 'nil-unknown'?: boolean
  readonly model?: string
  readonly format?: string
  readonly initial?: string
  readonly steps?: string
  readonly bytes?: string
}

function argumentsIn(argv: readonly string[]): {
  readonly values: CommandValues
  readonly positionals: readonly string[]
} {
  const options = {
    help: { type: 'boolean', short: 'h', default: false },
    version: { type: 'boolean', short: 'v', default: false },
    model: { type: 'string', short: 'm' },
    initial: { type: 'string', short: 'i' },
    format: { type: 'string', short: 'f' },
    independent: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    'nil-unknown': { type: 'boolean' },
    steps: { type: 'string' },
    bytes: { type: 'string' },
  } as const
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, allowNegative: true })
  } catch (error) {
    throw new Error(`${ended(error instanceof Error ? error.message : String(error))} See two-generals --help.`, {
      cause: error,
    })
  }
}

function said({ write }: CommandIo, text: string, code: number): number {
  write(text)
  return code
}

/** Linearizability has no name of its own on the command line: it is what the name of an object asks for. */
function ofObjects(name: string): string {
  const meant = mostSimilar(name, ['linearizable', 'sequential'])
  if (meant === undefined) return ''
  const model = meant === 'linearizable' ? 'register' : 'sequential-register'
  return ` To check that a history is ${meant}, name the object: --model ${model}, or another one.`
}

function invariantNamed(
  name: string | undefined,
  asked: CheckOptions,
  checks: ReadonlyMap<string, NamedCheck>,
): { readonly invariant: Invariant; readonly title: string } {
  const names = [...checks.keys()]
  if (name === undefined) throw new Error(`Say what the history ought to be: --model NAME, one of ${names.join(', ')}.`)
  const named = checks.get(name)
  if (named === undefined) throw new Error(`The model "${name}" is unknown${suggestion(name, names)}${ofObjects(name)}`)
  for (const option of ['initial', 'steps', 'bytes'] as const)
    if (asked[option] !== undefined && !named.takes.includes(option))
      throw new Error(`The model "${name}" takes no --${option}.`)
  const invariant = named.make(asked)
  return { invariant, title: named.title ?? invariant.name }
}

function askedOf({ initial, steps, bytes }: CommandValues): CheckOptions {
  return {
    ...(initial === undefined ? {} : { initial: jsonOf(initial) }),
    ...(steps === undefined ? {} : { steps: countOf('steps', steps) }),
    ...(bytes === undefined ? {} : { bytes: countOf('bytes', bytes) }),
  }
}

const units: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }

/** `2000000`, `512M`. */
function countOf(option: string, written: string): number {
  const [, digits = '', unit = ''] = /^(\d+)([kmg]?)b?$/i.exec(written) ?? []
  const count = Number(digits) * (units[unit.toLowerCase()] ?? 1)
  if (count > 0 && Number.isSafeInteger(count)) return count
  throw new Error(`--${option} ${written} is no whole number above 0; write e.g. 5000000 or 512M.`)
}

function jsonOf(initial: string): unknown {
  try {
    return exactJson(initial)
  } catch (error) {
    throw new Error(`--initial ${initial} is not JSON; write e.g. 0, null or '""'.`, { cause: error })
  }
}

function formatNamed(name: string | undefined): ReadOptions {
  const format = historyFormats.find((one) => one === name)
  if (name !== undefined && format === undefined)
    throw new Error(`The format "${name}" is unknown${suggestion(name, historyFormats)}`)
  return format === undefined ? {} : { format }
}

function historyIn(file: string, { readFile }: CommandIo, options: ReadOptions): History {
  const text = textOf(file, readFile)
  try {
    return readHistory(text, options)
  } catch (error) {
    throw new Error(`Cannot read ${file}. ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

function textOf(file: string, readFile: CommandIo['readFile']): TextSource {
  try {
    return readFile(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EISDIR')
      throw new Error(
        `Cannot read ${file}: it is a directory. Name a file in it, such as ${file.replace(/\/$/, '')}/history.edn.`,
        { cause: error },
      )
    throw new Error(
      `Cannot read ${file}: ${error instanceof Error ? error.message : String(error)}. Is the path right?`,
      { cause: error },
    )
  }
}

function helpText(checks: ReadonlyMap<string, NamedCheck>): string {
  return `two-generals check FILE --model NAME

Checks a recorded history and prints the verdict, with the operations that contradict each other.

  FILE                 operations of concurrent processes; - is the standard input
  -m, --model NAME     what the history ought to be, see below
  -i, --initial JSON   what a register, counter, bank or key holds at first (default: null, a counter 0)
  -f, --format FORMAT  json: {"process", "type", "f", "value", "key"?, "time"?, "index"?, "error"?}, one a
                       line or an array of them; edn: Jepsen's history.edn; log: Jepsen's log; sessions:
                       lines r(key,value,session,transaction); events: what historyBytes wrote
                       (default: detected from the first line)
      --independent    every value is a pair [key, value], as jepsen.independent writes it
      --nil-unknown    what a read answered nil or null returned is not known (default in edn; to take nil
                       for a value there: --no-nil-unknown)
      --steps N        how much a search may try, default 2000000 and more for long histories (also 50M)
      --bytes N        how much memory it may take for that, default 128M
      --json           one line of JSON in place of the report: verdict, all reasons, what was read
  -h, --help           this text
  -v, --version        the version

Models: ${wrap([...checks.keys()].join(', '), 90).join('\n        ')}

Exit code: 0 holds, 1 violated, 2 the command or the file is wrong, 3 unknown or vacuous.
`
}
