// Bad reads: what a read shows that no order of the writes explains. Thin air, the writes of operations that failed, lists that
// contradict each other. Words only; must not know how reads were matched with writes.
import type { Reason } from '../../verdict.ts'
import type { Call } from '../calls.ts'
import { seconds, seqs, shown } from '../words.ts'
import type { Access, Version, Versions } from './version.ts'

/** The reason for a read of what was not there: never written, not yet, or only by operations that failed. */
export function badRead(
  key: string | number, { call, value: answered }: { readonly call: Call; readonly value: unknown }, value: unknown, writer: Call | undefined, failures: readonly Call[],
): Reason {
  const [failure] = failures
  const read = `client ${call.invoke.client} read ${shown(answered)} of ${shown(key)}${endedAt(call)}`
  const why = writer !== undefined ? `but ${shown(value)} was asked for only ${writer === call ? 'later in the same transaction' : `at ${seconds(writer.invoke.atMs)}`}`
    : failure !== undefined ? `but the only ${failure.invoke.operation} of ${shown(value)}, by client ${failure.invoke.client}, failed${endedAt(failure)}`
      : `but nobody wrote ${shown(value)}`
  return {
    text: `${read}, ${why}; expected only what was written.`,
    class: writer === undefined && failure !== undefined ? 'aborted read' : 'thin air',
    subject: key,
    events: seqs([], [call, ...(writer === undefined ? failures : [writer])]),
  }
}

/** The reason for a list that is no beginning of the longest one. */
export function inNoOrder({ key, chain }: Versions, { call }: Access, elements: readonly Version[]): Reason {
  const twice = repeated(elements)
  const read = `client ${call.invoke.client} read ${shownValues(elements)} of ${shown(key)}${endedAt(call)}`
  return {
    text: twice === undefined
      ? `${read}, which is no beginning of ${shownValues(chain)}, as it was read too; expected one order of what is appended.`
      : `${read}, with ${shown(twice.value)} more than once; expected each element once.`,
    class: 'incompatible order',
    subject: key,
    events: seqs([], [call]),
  }
}

function repeated(elements: readonly Version[]): Version | undefined {
  const seen = new Set<Version>()
  return elements.find((version) => seen.size === seen.add(version).size)
}

/** More than so many are not shown anyway. */
function shownValues(versions: readonly Version[]): string {
  return shown(versions.slice(0, 100).map(({ value }) => value))
}

function endedAt({ end }: Call): string {
  return end === undefined ? '' : ` at ${seconds(end.atMs)}`
}
