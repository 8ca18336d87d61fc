// The words of reasons: keys, times, counts and lists of events, so that all checkers write them in the same way. Knows
// how an effect was observed; must not know any checker.
import { operationOfClient } from '../history/node-words.ts'
import type { EffectSource, Observed } from '../history/effect.ts'
import { writtenValue } from '../plain/written.ts'
import type { Call } from './calls.ts'

/** Virtual time for people: `0.060 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(3)} s`
}

const longestValue = 80

/** For errors: the value that a transaction writes must be known even if its answer is lost. */
export function unknownWrite(key: unknown): string {
  return (
    `writes a value that nobody knows (undefined) to ${shown(key)}: name one that is known without the answer, ` +
    'such as an id in the input that the service stores with it.'
  )
}

/** Why a model that depends on real time cannot be judged. */
export const noTimes: string =
  'the history does not say when operations began and ended: only the order of each client is known.'

/** A value for a sentence: JSON, cut after 80 characters. */
export function shown(value: unknown): string {
  const text = typeof value === 'bigint' || typeof value === 'number' ? String(value) : jsonOf(value)
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text
}

function jsonOf(value: unknown): string {
  try {
    return value === undefined ? 'undefined' : writtenValue(value)
  } catch {
    return `a ${typeof value}` // JSON cannot write functions and cyclic objects
  }
}

/** `once`, `twice`, `3 times`. */
export function times(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`
}

const mostMoments = 4

/** `: at 0.060 s and at 5.120 s`; empty if a time is not known. */
export function moments(effects: readonly Observed[]): string {
  const known = effects.flatMap(({ atMs }) => (atMs === undefined ? [] : [`at ${seconds(atMs)}`]))
  if (known.length < effects.length) return ''
  const hidden = known.length - mostMoments
  return `: ${list(hidden > 0 ? [...known.slice(0, mostMoments), `${hidden} more`] : known)}`
}

/** `pay of client 0`: an operation and its client. */
export function who({ invoke }: Call): string {
  return operationOfClient(invoke.operation, invoke.client)
}

/** `pay of client 0 (event 3)`: for errors. */
export function callAt(call: Call): string {
  return `${who(call)} (event ${call.invoke.seq})`
}

/** `pay of client 0, invoked at 0.010 s`. */
export function invoked(call: Call): string {
  return `${who(call)}, invoked at ${seconds(call.invoke.atMs)}`
}

/** When a call was answered or, without an answer, invoked. */
export function toldAt({ invoke, end }: Call): string {
  return seconds(end?.atMs ?? invoke.atMs)
}

/** The name of an invariant: `causal(put, get)`, or `causal` if it uses the conventions of recorded histories. */
export function checkerName(checker: string, operations: readonly { readonly name: string }[] | undefined): string {
  return operations === undefined ? checker : `${checker}(${operations.map(({ name }) => name).join(', ')})`
}

/** `a, b and c`. */
export function list(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

/** ` at 0.060 s`; empty if the time is not known. */
export function momentOf(effect: Observed | undefined): string {
  return effect?.atMs === undefined ? '' : ` at ${seconds(effect.atMs)}`
}

/** The `seq` of the events of effects and calls, each once, ascending. */
export function seqs(effects: readonly Observed[], calls: readonly Call[] = []): readonly number[] {
  const found = new Set<number>()
  for (const { event } of effects) if (event !== undefined) found.add(event)
  for (const { invoke, end } of calls) {
    found.add(invoke.seq)
    if (end !== undefined) found.add(end.seq)
  }
  return [...found].sort((a, b) => a - b)
}

/** The events of the first list that are not in the second. */
export function without(events: readonly number[], others: readonly number[]): readonly number[] {
  return events.filter((seq) => !others.includes(seq))
}

/** A question that ends a sentence: where to look for the mistake if effects of a source never happen. */
export function whereToLook(source: EffectSource): string {
  switch (source.from) {
    case 'requests':
      return `does "${source.method} ${source.url}" match what the handler calls, and is it answered 2xx?`
    case 'rows':
      return source.reset === undefined
        ? `does the query of rows("${source.name}") read what the handler writes?`
        : `does the tracer end its spans, and export them where spans("${source.name}") reads them?`
    case 'reads':
      return `does actor("${source.actor}").reads("${source.name}") show what its operations change?`
    case 'journal':
      return `does the handler reach journal("${source.name}").add?`
    default:
      return source satisfies never
  }
}

/** Why a verdict is vacuous: no effect happened. */
export function noEffect(source: EffectSource): string {
  return `no "${source.name}" effect happened: ${whereToLook(source)}`
}
