// The labels of the calls of a history in its story. A client's call has the name of its operation and the operation's
// input. Must not know the page.
import { callChain, operationOf, type Address } from '../scenario/address.ts'
import { addressId, rootText } from '../scenario/address-text.ts'
import { invocationOf } from '../scenario/address.ts'
import type { Send } from '../history/history.ts'
import { printable } from './ink.ts'
import type { Trail } from './trail.ts'
import { fieldWords, withInput } from './value-words.ts'

/** The labels of one call. */
export interface CallLabels {
  /** Possible labels, best first. */
  readonly labels: readonly string[]
  /** The part that only the first label has. If there is no room for that label, this part goes into the margin. */
  readonly aside?: string
}

/** The labels of requests and store calls by their address. `copy`: the number of the duplicate, 0 for the original. */
export function callLabelsOf(trail: Trail): (address: Address, copy: number) => CallLabels {
  const known = callsOf(trail)
  return (address, copy) => {
    const { labels, aside } =
      address.from === 'client' ? clientLabels(trail, known, address) : { labels: nodeLabels(known, address) }
    const suffix = copy > 0 ? ' (copy)' : ''
    return {
      labels: labels.map((label) => printable(`${label}${suffix}`)),
      ...(aside === undefined ? {} : { aside: printable(aside) }),
    }
  }
}

/** The calls of clients that repeat one without success. */
export function repeatedCalls(trail: Trail): readonly Send[] {
  return [...callsOf(trail).retries.values()]
}

interface KnownCalls {
  /** How many kinds of calls each root makes. */
  readonly kinds: ReadonlyMap<string, ReadonlySet<string>>
  /** The first call of each root. */
  readonly first: ReadonlyMap<string, string>
  /** Calls that repeat one without success. */
  readonly retries: ReadonlyMap<string, Send>
  readonly severalKeys: boolean
}

function callsOf(trail: Trail): KnownCalls {
  const kinds = new Map<string, Set<string>>()
  const first = new Map<string, string>()
  const retries = new Map<string, Send>()
  const keys = new Set<string>()
  const last = new Map<string, Send>()
  for (const event of trail.events) {
    if (event.kind !== 'send' || event.request >= 0) continue
    const { address } = event
    const { root, from, to, operation, key } = address
    if (key !== undefined) keys.add(key)
    if (from !== 'client') continue
    const id = rootText(root)
    kinds.set(id, (kinds.get(id) ?? new Set()).add(`${to} ${operation}`))
    if (!first.has(id)) first.set(id, addressId(address))
    const call = callName(address)
    const before = last.get(call)
    if (before !== undefined && isRepeated(trail, before, event)) retries.set(addressId(address), event)
    last.set(call, event)
  }
  return { kinds, first, retries, severalKeys: keys.size > 1 }
}

/** Equal for a call and its repetitions. */
function callName(address: Address): string {
  return JSON.stringify([rootText(address.root), callChain({ ...address, nth: 0 })])
}

/** Whether a call is another try: the one before had not succeeded, and did not leave at the same moment. */
function isRepeated(trail: Trail, before: Send, again: Send): boolean {
  if (before.atMs === again.atMs) return false
  const answered = trail.events.some(
    (event) =>
      event.kind === 'send' &&
      event.request === before.seq &&
      event.status > 0 &&
      event.status < 400 &&
      (trail.fateOf(event.seq)?.kind ?? '') === 'arrive' &&
      (trail.fateOf(event.seq)?.seq ?? Infinity) < again.seq,
  )
  return !answered
}

function clientLabels(trail: Trail, { kinds, first, retries }: KnownCalls, address: Address): CallLabels {
  const { root, operation, key, nth } = address
  const id = rootText(root)
  const several = (kinds.get(id)?.size ?? 1) > 1
  const name = several ? operation : (operationOf(root) ?? operation)
  const full = key === undefined ? name : `${name} ${key}`
  if (retries.has(addressId(address))) return { labels: [`retry ${nth - 1}: ${full}`, `retry ${nth - 1}`] }
  const invoke = trail.invocations.get(invocationOf(root) ?? -1)?.invoke
  const input = invoke === undefined || first.get(id) !== addressId(address) ? '' : fieldWords(trail, invoke.input, key)
  return input === ''
    ? { labels: [full, name] }
    : { labels: [withInput(full, input), full, name], aside: `with ${input}` }
}

function nodeLabels({ severalKeys }: KnownCalls, { operation, key }: Address): readonly string[] {
  const short = operation.includes('/') ? [operation] : [operation, operation.split(' ')[0] ?? operation]
  return severalKeys && key !== undefined ? [`${operation} ${key}`, ...short] : short
}
