// What a history leaves open when it ends, and the words for it: the answer to "why did it end?". Plain data; must not
// know who simulates. Real asynchronous work is never open then, since virtual time stands still while it runs.
import { nodeWords } from './node-words.ts'
import { durationWords } from '../plain/time.ts'

/** An operation that was begun and not answered. */
export interface OpenOperation {
  readonly kind: 'operation'
  /** The client: `client#0`. */
  readonly node: string
  readonly operation: string
  readonly invocation: number
}

/** A call whose caller still waits for the answer. */
export interface OpenCall {
  readonly kind: 'call'
  /** The caller. */
  readonly node: string
  readonly to: string
  readonly operation: string
}

/** A timer that is armed. */
export interface ArmedTimer {
  readonly kind: 'timer'
  readonly node: string
  /** What armed it: an operation, a boot, a tick of another timer. */
  readonly root: string
  /** The delay it was armed with. */
  readonly delayMs: number
  /** It is an interval, or one of a chain of timers that arm each other. */
  readonly repeats: boolean
}

/** Steps that were waiting to be run: messages on their way, immediates, restarts of nodes. */
export interface QueuedSteps {
  readonly kind: 'steps'
  readonly count: number
  /** The node whose code ran last, and what had caused that. Absent where none ran. */
  readonly node?: string
  readonly root?: string
}

/** How many more things were open than are listed. */
export interface MoreUnfinished {
  readonly kind: 'more'
  readonly count: number
}

/** One thing that was still open when a history ended. */
export type Unfinished = OpenOperation | OpenCall | ArmedTimer | QueuedSteps | MoreUnfinished

/** What was left open, in one line: `client 0: pay has no answer; shop: a timer of 1 s, armed in pay#0`. */
export function unfinishedWords(left: readonly Unfinished[]): string {
  return left.map(openWords).join('; ')
}

function openWords(open: Unfinished): string {
  switch (open.kind) {
    case 'operation':
      return `${nodeWords(open.node)}: ${open.operation} has no answer`
    case 'call':
      return `${nodeWords(open.node)}: ${open.operation} to ${open.to} has no answer`
    case 'timer': {
      const timer = `a timer of ${durationWords(open.delayMs)}${open.repeats ? ' that repeats' : ''}`
      return `${nodeWords(open.node)}: ${timer}, armed in ${open.root}`
    }
    case 'steps': {
      const steps = open.count === 1 ? '1 step that waits' : `${open.count} steps that wait`
      return open.node === undefined ? steps : `${steps}, after code of ${nodeWords(open.node)} in ${open.root ?? ''}`
    }
    case 'more':
      return `and ${open.count} more`
    default:
      return open satisfies never
  }
}
