// A fault in a whole phrase: what the adversary does, to which message of which operation. Complements the few words
// that each kind has for the margin of the story.
import { attemptOf, bootedName, operationOf, type Address } from '../scenario/address.ts'
import { rootText } from '../scenario/address-text.ts'
import { faultWords, type Fault } from '../scenario/fault/registry.ts'
import { driftWords, type Drift } from '../scenario/fault/drift.ts'
import { durationWords } from '../plain/time.ts'

/**
 * A fault in words, an imperative without raw values.
 *
 * @example describeFault(fault) // 'lose the reply shop -> client of pay order#0, attempt 1'
 */
export function describeFault(fault: Fault): string {
  const { at } = fault
  switch (fault.kind) {
    case 'lose':
      return `lose ${legWords(at)}`
    case 'delay':
      return `delay ${legWords(at)}, by ${durationWords(fault.byMs)}`
    case 'duplicate':
      return `deliver ${legWords(at)}, twice: ${copyWords(fault.after, fault.gapMs)}`
    case 'error':
      return `answer ${fault.status} ${at.leg === 'request' ? 'before' : 'after'} the work to ${wholeCallWords(at)}`
    case 'throttle':
      return `answer 429 (retry after ${durationWords(fault.retryAfterMs)}) to ${wholeCallWords(at)}`
    case 'refuse':
      return `refuse ${wholeCallWords(at)}`
    case 'hang':
      return `accept and never answer ${wholeCallWords(at)}`
    case 'crash':
      return `crash ${fault.node} ${momentWords(at, fault.node)}, restart after ${durationWords(fault.restartAfterMs)}`
    case 'pause':
      return (
        `pause ${fault.node} ${momentWords(at, fault.node)}, for ` +
        `${durationWords(fault.forMs)}${fault.replaced === 'yes' ? '; a new incarnation takes its place' : ''}`
      )
    case 'jump':
      return (
        `set ${fault.node}'s clock ${durationWords(fault.byMs)} ${fault.byMs < 0 ? 'back' : 'forward'} ` +
        momentWords(at, fault.node)
      )
    case 'skew':
      return (
        `${bootedName(at)}'s clock is ${durationWords(fault.byMs)} ${fault.byMs < 0 ? 'slow' : 'fast'} from ` +
        'its start'
      )
    case 'reset':
      return fault.atByte === undefined || at.leg === 'request'
        ? `reset the connection ${at.leg === 'request' ? 'before' : 'after'} the work of ${wholeCallWords(at)}`
        : `break off the body of ${legWords(at)} at byte ${Math.floor(fault.atByte)}`
    case 'garble':
      return `deliver ${bodyWords[fault.body]} ${legWords(at)}`
    case 'partition':
    case 'slow':
    case 'latency':
      return `${faultWords(fault)}, from ${legWords(at)} on`
    case 'drift':
      return driftPhrase(fault)
    default:
      return faultWords(fault satisfies never)
  }
}

function driftPhrase({ at, ppm, forMs }: Drift): string {
  const long = forMs === undefined ? 'until healing' : `for ${durationWords(forMs)}`
  return at.operation === 'boot'
    ? `${bootedName(at)}'s timers run ${driftWords(ppm)} ${long}`
    : `${at.to}'s timers run ${driftWords(ppm)} from when ${callWords(at)} arrives, ${long}`
}

const bodyWords = {
  truncated: 'half of the body of',
  empty: 'an empty body in',
  html: "a proxy's HTML page in place of",
} as const

function copyWords(after: 'request' | 'reply', gapMs: number): string {
  if (after === 'request')
    return `the copy ${gapMs === 0 ? 'together with' : `${durationWords(gapMs)} after`} the first (they overlap)`
  return `the copy ${gapMs === 0 ? 'right' : durationWords(gapMs)} after the reply to the first`
}

/** A reply travels from the callee back to the caller. */
function legWords(at: Address): string {
  const way = at.leg === 'request' ? `${at.from} -> ${at.to}` : `${at.to} -> ${at.from}`
  return `the ${at.leg} ${way} of ${callWords(at)}`
}

function wholeCallWords(at: Address): string {
  return `the call ${at.from} -> ${at.to} of ${callWords(at)}`
}

/** When, seen from the node that something happens to. */
function momentWords(at: Address, node: string): string {
  if (at.operation === 'boot') return 'as it starts'
  if (at.leg === 'request')
    return node === at.to ? `as ${callWords(at)} arrives` : `after sending ${callWords(at, ` to ${at.to}`)}`
  if (node === at.to) return `before it answers ${callWords(at)}`
  return at.operation.includes('/')
    ? `as ${at.to} answers ${callWords(at)}`
    : `right after ${callWords(at, ` in ${at.to}`)}`
}

/** The call itself: a client's by its operation and attempt, any other also by what caused it. */
function callWords(at: Address, place = ''): string {
  const key = at.key === undefined ? '' : ` ${at.key}`
  const operation = operationOf(at.root)
  if (at.from === 'client') return `${operation ?? at.operation}${key}, attempt ${at.nth}${place}`
  const again = at.nth > 1 ? ` no. ${at.nth}` : ''
  return (
    `${at.operation}${again}${place} ` +
    `(${operation === undefined ? rootText(at.root) : `${operation}${key}, attempt ${attemptOf(at)}`})`
  )
}
