// Details of messages and store calls for the story: the line of the user's code, and the result of a read. Only kept
// for the failing history, since reading the stack takes longer than a whole call.
import type { CallDetail } from '../history/history.ts'
import { copyOf } from '../plain/copy.ts'
import { blame, callerOf } from './globals.ts'

/** The details of one history, in order. */
export class CallDetails {
  readonly all: CallDetail[] = []

  /** Adds the details of the current call: the user's code is on the stack. */
  add(event: number, values: CallValues = {}): void {
    this.put(event, callerLine(), values)
  }

  put(event: number, caller: CallerLine = {}, { asked, given, key, wrote, gave, answer }: CallValues = {}): void {
    const detail = {
      ...caller,
      ...(asked === undefined ? {} : { asked }),
      ...(given === undefined || given.length === 0 ? {} : { given: given.map((value) => copied({ value })?.value) }),
      ...some('key', key),
      ...some('wrote', wrote),
      ...some('gave', gave),
      ...(answer === undefined ? {} : { answer }),
    }
    if (Object.keys(detail).length > 0) this.all.push({ event, ...detail })
  }
}

/** What a call was given, and what it gave. */
export type CallValues = Omit<CallDetail, 'event' | 'at' | 'inPackage'>

/** Whose code made a call. */
export type CallerLine = Pick<CallDetail, 'at' | 'inPackage'>

/** Where the user's own code is nearer than this, the rest of the stack is not read: each frame costs a source map. */
const nearFrames = 16

/** The nearest line of the user's own code on the stack; without one, the package that called. */
export function callerLine(): CallerLine {
  const near = blame(callerOf(callerLine, nearFrames))
  const found = near?.whose === 'user' ? near : blame(callerOf(callerLine))
  if (found?.whose === 'user') return { at: found.at }
  const inPackage = found?.whose === 'package' ? packageIn.exec(found.at)?.[1] : undefined
  return inPackage === undefined ? {} : { inPackage: inPackage.replace('\\', '/') }
}

/**
 * The line of the user's own code that called, with nothing awaited in between: where a driver's queue lies between
 * them, what awaits further out is another call.
 */
export function directLine(): CallerLine {
  const caller = callerOf(directLine)
  const [direct = ''] = (caller.stack ?? '').split(/\n\s+at async /)
  caller.stack = direct
  const found = blame(caller)
  return found?.whose === 'user' ? { at: found.at } : {}
}

/** The innermost package of a path. */
const packageIn = /.*[\\/]?node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/

function some<K extends 'key' | 'wrote' | 'gave'>(name: K, value: CallDetail[K]): Pick<CallDetail, K> | object {
  const copy = value === undefined ? undefined : copied(value)
  return copy === undefined ? {} : { [name]: copy }
}

/** A value as data. Undefined if it is none, such as an iterator over rows that are read later. */
function copied({ value }: { readonly value: unknown }): { readonly value: unknown } | undefined {
  try {
    return { value: copyOf(value) }
  } catch {
    return undefined
  }
}
