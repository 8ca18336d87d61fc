// Acts: what the operations of a history mean to a consistency checker, each act with its call. Operations that
// certainly did not happen are left out. Of an operation with an unknown outcome only the request is known, not the
// answer. Knows calls; must not know any checker.
import { clientWords } from '../history/node-words.ts'
import type { Act, MicroOp, Transaction } from '../history/act.ts'
import type { Completion, History, Invoke } from '../history/history.ts'
import type { InterpretedOperation } from '../system/operation.ts'
import { assertAct, assertTransaction } from './assert-meaning.ts'
import { callsOf, damagedAnswers, type Call } from './calls.ts'
import { seconds, shown } from './reason-words.ts'
import { UnknownActError } from './unknown-act.ts'

/** An operation that happened, or may have happened. */
export interface Acted<A> {
  readonly act: A
  readonly call: Call
  /**
   * Whether it was answered ok, so that it certainly happened. If not, it may have happened, once, at any time after it
   * was invoked.
   */
  readonly known: boolean
  /** Its answer was damaged on the way: the operation happened, but its result is not known. @default not damaged */
  readonly isDamaged?: true
}

/** An operation with any outcome. */
export interface Attempted<A> {
  readonly act: A
  readonly call: Call
  /**
   * `ok`: it happened. `unknown`: it may have happened, once, at any time after it was invoked. `failed`: it certainly
   * did not happen.
   */
  readonly fate: 'ok' | 'unknown' | 'failed'
  /** Its answer was damaged on the way, so its result is not known. */
  readonly isDamaged?: true
}

/**
 * The acts of a history in order of invocation: those of the given operations or, without any given, of all operations
 * by the conventions of recorded histories. An answer that was damaged on the way shows only that the operation
 * happened.
 *
 * @throws if sequential clients cannot have produced the history, or if the user's function throws
 */
export function actsOf<A>(
  history: History,
  operations: readonly InterpretedOperation<A>[] | undefined,
  conventional: (call: Call) => A,
): readonly Acted<A>[] {
  const acted: Acted<A>[] = []
  forEachAttempt(
    history,
    operations,
    conventional,
    (call) => call.end?.kind !== 'fail',
    (act, call, fate, isDamaged) => {
      acted.push(isDamaged ? { act, call, known: true, isDamaged } : { act, call, known: fate === 'ok' })
    },
  )
  return acted
}

/**
 * As `actsOf`, together with the operations that failed: a read that shows their writes is a read of rolled back data.
 * Of a failed operation only the request is known.
 */
export function attemptsOf<A>(
  history: History,
  operations: readonly InterpretedOperation<A>[] | undefined,
  conventional: (call: Call) => A,
): readonly Attempted<A>[] {
  const attempted: Attempted<A>[] = []
  forEachAttempt(
    history,
    operations,
    conventional,
    () => true,
    (act, call, fate, isDamaged) => {
      attempted.push(isDamaged ? { act, call, fate, isDamaged } : { act, call, fate })
    },
  )
  return attempted
}

function forEachAttempt<A>(
  history: History,
  operations: readonly InterpretedOperation<A>[] | undefined,
  conventional: (call: Call) => A,
  matters: (call: Call) => boolean,
  visit: (act: A, call: Call, fate: Attempted<A>['fate'], isDamaged: boolean) => void,
): void {
  assertSequentialClients(history)
  const meanings = operations && new Map(operations.map((one) => [one.name, one]))
  const damaged = damagedAnswers(history)
  const assert = assertionFor(conventional)
  for (const call of callsOf(history)) {
    const meaning = meanings?.get(call.invoke.operation)
    if (!matters(call) || (meanings !== undefined && meaning === undefined)) continue
    const fate = call.end?.kind === 'ok' ? 'ok' : call.end?.kind === 'fail' ? 'failed' : 'unknown'
    const isDamaged = fate === 'ok' && damaged.has(call.invoke.invocation)
    visit(
      meaning === undefined
        ? conventional(isDamaged ? { ...call, end: undefined } : call)
        : interpreted(meaning, call, fate === 'ok' && !isDamaged, assert),
      call,
      fate,
      isDamaged,
    )
  }
}

/** Checks that a meaning has the type that the conventions give: an act or a transaction. An id may be of any type. */
function assertionFor(conventional: unknown): (of: string, meaning: unknown) => void {
  if (conventional === conventionalAct) return assertAct
  return conventional === conventionalTransaction ? assertTransaction : () => undefined
}

function interpreted<A>(
  meaning: InterpretedOperation<A>,
  { invoke, end }: Call,
  isAnswered: boolean,
  assert: (of: string, meaning: unknown) => void,
): A {
  const found = readMeaning(meaning, { invoke, end }, isAnswered)
  assert(`${meaning.name}.as(...)`, found)
  return found
}

function readMeaning<A>(meaning: InterpretedOperation<A>, { invoke, end }: Call, isAnswered: boolean): A {
  try {
    return meaning.read(invoke.input, isAnswered ? end?.value : undefined)
  } catch (error) {
    throw new Error(
      `${meaning.name}.as(...) threw ${String(error)} for ${shown(invoke.input)}, answered ` +
        `${isAnswered ? shown(end?.value) : 'nothing (undefined)'}; ` +
        'give a meaning to every operation, also to one whose answer is not known.',
      { cause: error },
    )
  }
}

/** An operation of a recorded history as an act: its name, its key, what was asked and what came back. */
export function conventionalAct({ invoke, end }: Call): Act {
  return {
    f: invoke.operation,
    ...(invoke.key === undefined ? {} : { key: invoke.key }),
    input: invoke.input,
    ...(end?.kind === 'ok' ? answerOf(end) : {}),
  }
}

/** The answer. In a format where `null` may mean "not recorded", a read of `null` counts as not known. */
function answerOf({ value = null, isNilUnknown }: Completion): Pick<Act, 'output' | 'isOutputUnknown'> {
  if (isNilUnknown !== true) return { output: value }
  if (value === null) return { isOutputUnknown: true }
  if (!Array.isArray(value)) return { output: value }
  return { output: value.map((micro: unknown) => (isNilRead(micro) ? micro.with(2, undefined) : micro)) }
}

function isNilRead(micro: unknown): micro is readonly unknown[] {
  return Array.isArray(micro) && (micro[0] === 'r' || micro[0] === 'read') && (micro[2] ?? null) === null
}

/**
 * An operation of a recorded history as a transaction. `txn` holds a list of micro-operations, with the values that
 * were read if it was answered ok; so does any other operation with such a list. `read`, `write` and `append` are
 * transactions of one micro-operation.
 *
 * @throws if the operation is none of these
 */
export function conventionalTransaction({ invoke, end }: Call): Transaction {
  const ok = end?.kind === 'ok'
  const key = invoke.key ?? 'register'
  if (invoke.key === undefined && isMicroList(ok ? end.value : invoke.input))
    return microOps(ok ? end.value : invoke.input, ok, invoke.seq)
  switch (invoke.operation) {
    case 'txn':
      return microOps(ok ? end.value : invoke.input, ok, invoke.seq)
    case 'r':
    case 'read':
      return [['r', key, ok && end.isNilUnknown !== true ? (end.value ?? null) : undefined]]
    case 'w':
    case 'write':
      return [['w', key, invoke.input]]
    case 'append':
      return [['append', key, invoke.input]]
    default:
      throw new UnknownActError(
        `Event ${invoke.seq} is "${invoke.operation}", which is no transaction (have txn, read, write, append).`,
      )
  }
}

function isMicroList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((one: unknown) => microOp(one, true) !== undefined)
}

/** Short and long names of micro-operations. */
const microNames: Readonly<Record<string, MicroOp[0]>> = { r: 'r', read: 'r', w: 'w', write: 'w', append: 'append' }

/** The micro-operations of a list. Without an answer (`ok` is false) the values of reads are not known. */
function microOps(value: unknown, ok: boolean, seq: number): Transaction {
  const micros = Array.isArray(value) ? value.map((one: unknown) => microOp(one, ok)) : [undefined]
  if (micros.every((micro) => micro !== undefined)) return micros
  throw new Error(
    `Event ${seq} is a transaction of ${shown(value)}; write a list of ["r", key, value], ["w", key, value] ` +
      'or ["append", key, element].',
  )
}

/** One micro-operation, or `undefined` if the value is none. A key that is a bigint becomes a string. */
function microOp(value: unknown, ok: boolean): MicroOp | undefined {
  if (!Array.isArray(value) || value.length < 2) return undefined
  const [name, written, content] = value as readonly unknown[]
  const f = typeof name === 'string' && Object.hasOwn(microNames, name) ? microNames[name] : undefined
  const key = typeof written === 'bigint' ? String(written) : written
  if (f === undefined || (typeof key !== 'string' && typeof key !== 'number')) return undefined
  if (f === 'r' && !ok) return ['r', key, undefined]
  // the cast holds: name and key were just tested
  return f === name && key === written ? (value as unknown as MicroOp) : [f, key, content]
}

/**
 * Asserts that each client does one thing at a time. If operations of one client overlap, or one ends that was never
 * invoked, the client's order of operations means nothing.
 *
 * @throws an error that names the operation
 */
function assertSequentialClients({ events }: History): void {
  const open = new Map<number, Invoke | undefined>() // entries are overwritten rather than deleted, which is faster
  for (const event of events) {
    if (event.kind === 'invoke') {
      const before = open.get(event.client)
      if (before !== undefined) {
        throw new Error(
          `${clientWords(event.client)} begins ${event.operation} (event ${event.seq}) while its ${before.operation} ` +
            `(event ${before.seq}) is open. ` +
            'A client does one thing at a time: give each concurrent operation a client (process) of its own.',
        )
      }
      open.set(event.client, event)
    } else if (event.kind === 'ok' || event.kind === 'fail' || event.kind === 'info') {
      const begun = open.get(event.client)
      if (begun === undefined || begun.invocation !== event.invocation) {
        throw new Error(
          `${event.operation} of ${clientWords(event.client)} ends (event ${event.seq}, ${event.kind}) before it is ` +
            'invoked. Is the history in order, and whole?',
        )
      }
      if (event.atMs < begun.atMs) {
        throw new Error(
          `${event.operation} of ${clientWords(event.client)} ends at ${seconds(event.atMs)} (event ` +
            `${event.seq}) but is invoked at ${seconds(begun.atMs)} (event ${begun.seq}). Is the history in order?`,
        )
      }
      open.set(event.client, undefined)
    }
  }
}
