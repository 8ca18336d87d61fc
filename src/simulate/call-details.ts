// What a story says of messages and store calls beside their events: the line of the user's code, and what a read gave.
// Kept only for the failing history, since a stack costs more than a whole call.
import type { CallDetail } from '../history/history.ts'
import { copyOf } from '../plain/copy.ts'
import { blame, callerOf } from './globals.ts'

/** The details of one history, in order. */
export class CallDetails {
  readonly all: CallDetail[] = []

  /** Of a call that runs now: the user's code is on the stack. */
  add(event: number, gave?: CallDetail['gave']): void {
    this.put(event, userLine(), gave)
  }

  put(event: number, at: string | undefined, gave?: CallDetail['gave']): void {
    const copy = gave === undefined ? undefined : copied(gave)
    if (at === undefined && copy === undefined) return
    this.all.push({ event, ...(at === undefined ? {} : { at }), ...(copy === undefined ? {} : { gave: copy }) })
  }
}

/** The nearest line of the user's own code on the stack. */
export function userLine(): string | undefined {
  const found = blame(callerOf(userLine))
  return found?.whose === 'user' ? found.at : undefined
}

/** Undefined where it is no data, such as the iterator over rows that are read later. */
function copied(gave: NonNullable<CallDetail['gave']>): CallDetail['gave'] {
  try {
    return { value: copyOf(gave.value) }
  } catch {
    return undefined
  }
}
