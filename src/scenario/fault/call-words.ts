// A message, and the call it belongs to, in words for a sentence: `the reply shop -> client of pay order#0, attempt 1`.
// Knows addresses only.
import { attemptWords, isFromOutside, operationOf, type Address } from '../address.ts'
import { rootText } from '../address-text.ts'

/** One leg of a call. A reply travels from the callee back to the caller. */
export function legPhrase(at: Address): string {
  const way = at.leg === 'request' ? `${at.from} -> ${at.to}` : `${at.to} -> ${at.from}`
  return `the ${at.leg} ${way} of ${callPhrase(at)}`
}

/** A call with its link. */
export function linkPhrase(at: Address): string {
  return `the call ${at.from} -> ${at.to} of ${callPhrase(at)}`
}

/** The moment of an address as a node that something happens to sees it. */
export function momentPhrase(at: Address, node: string, moment: 'before' | 'after' = 'before'): string {
  if (at.operation === 'boot') return 'as it starts'
  if (at.leg === 'request')
    return node === at.to ? `as ${callPhrase(at)} arrives` : `after sending ${callPhrase(at, ` to ${at.to}`)}`
  if (node === at.to) return `${moment === 'after' ? 'just after' : 'before'} it answers ${callPhrase(at)}`
  return isRequestLine(at.operation)
    ? `as ${at.to} answers ${callPhrase(at)}`
    : `right after ${callPhrase(at, ` in ${at.to}`)}`
}

/** The call itself: a client's by its operation and attempt, any other also by what caused it. */
export function callPhrase(at: Address, place = ''): string {
  const key = at.key === undefined ? '' : ` ${at.key}`
  const operation = operationOf(at.root)
  if (isFromOutside(at)) return `${operation ?? at.operation}${key}, ${attemptWords(at)}${place}`
  const again = at.nth > 1 ? ` no. ${at.nth}` : ''
  const cause = operation === undefined ? rootText(at.root) : `${operation}${key}, ${attemptWords(at)}`
  return `${at.operation}${again}${place} (${cause})`
}

/** Whether an operation is a request over a network, `POST /orders`, and not a call on a store, `insert orders`. */
export function isRequestLine(operation: string): boolean {
  return /^[A-Z]+ \//.test(operation)
}
