// Details of messages and store calls for the story: the line of the user's code, and the result of a read. Only kept
// for the failing history, since reading the stack takes longer than a whole call.
import type { CallDetail } from '../history/history.ts'
import { copyOf } from '../plain/copy.ts'
import { blame, callerOf } from './globals.ts'

/** The details of one history, in order. */
export class CallDetails {
  readonly all: CallDetail[] = []

  /** Adds the details of the current call: the user's code is on the stack. */
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

/** The result as data. Undefined if it is none, such as an iterator over rows that are read later. */
function copied(gave: NonNullable<CallDetail['gave']>): CallDetail['gave'] {
  try {
    return { value: copyOf(gave.value) }
  } catch {
    return undefined
  }
}
