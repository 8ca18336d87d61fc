// The words for operations in a reason: `read by client 3 returned 1`. Knows acts and calls.
import { clientWords } from '../../history/node-words.ts'
import type { Act } from '../../history/act.ts'
import type { Acted } from '../acts.ts'
import { alike } from '../content.ts'
import { seconds, shown } from '../reason-words.ts'

/** `write 2 by client 1`. */
export function asked({ act, call }: Acted<Act>): string {
  const input = act.input === undefined || act.input === null ? '' : ` ${shown(act.input)}`
  return `${act.f}${input} by ${clientWords(call.invoke.client)}`
}

/** `read by client 3 returned 1`; without an answer that says anything new, `read by client 3`. */
export function answered(one: Acted<Act>): string {
  const { input, output } = one.act
  if (output === null && (input === null || input === undefined)) return `${asked(one)} returned null`
  return output === null || output === undefined || alike(input, output)
    ? asked(one)
    : `${asked(one)} returned ${shown(output)}`
}

/** `write by client 1 (event 17)`: for errors. */
export function actAt({ act, call }: Acted<Act>): string {
  return `${act.f} by ${clientWords(call.invoke.client)} (event ${call.invoke.seq})`
}

/** `0.010 s to 0.020 s`. */
export function span({ call: { invoke, end } }: Acted<Act>): string {
  return end?.kind === 'ok' ? `${seconds(invoke.atMs)} to ${seconds(end.atMs)}` : `from ${seconds(invoke.atMs)}`
}

/** ` on "x"`; empty if the state has no keys. */
export function on({ key }: { readonly key?: string | number | undefined }): string {
  return key === undefined ? '' : ` on ${shown(key)}`
}
