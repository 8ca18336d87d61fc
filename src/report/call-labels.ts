// The labels of the calls of a history in its story. A client's call has the name of its operation and the operation's
// input. Must not know the page.
import { addressId, rootText } from '../scenario/address-text.ts'
import { invocationOf, isFromOutside, operationOf } from '../scenario/address.ts'
import type { Send, StoreCall } from '../history/history.ts'
import { printable } from './ink.ts'
import { repeatsOf, type Repeat } from './sent-again.ts'
import type { Label } from './row.ts'
import type { Trail } from './trail.ts'
import { fieldWords, listWords, valueWords, withInput } from './value-words.ts'

/**
 * The possible labels of a request or a store call, best first. `copy`: the number of the duplicate, 0 for the
 * original.
 */
export type CallLabels = (event: Send | StoreCall, copy: number) => readonly Label[]

export function callLabelsOf(trail: Trail): CallLabels {
  const known = callsOf(trail)
  return (event, copy) => {
    const { address } = event
    const labels = isFromOutside(address) ? clientLabels(trail, known, event) : nodeLabels(trail, known, event)
    const suffix = copy > 0 ? ' (copy)' : ''
    return labels.map(({ text, aside, key, ...label }) => ({
      ...label,
      text: printable(`${text}${suffix}`),
      ...(aside === undefined || aside === '' ? {} : { aside: printable(aside) }),
      ...(key === undefined || key === '' ? {} : { key: printable(key) }),
    }))
  }
}

interface KnownCalls {
  /** How many kinds of calls each root makes. */
  readonly kinds: ReadonlyMap<string, ReadonlySet<string>>
  /** The first call of each root. */
  readonly first: ReadonlyMap<string, string>
  /** Requests that repeat one without success. */
  readonly repeats: ReadonlyMap<number, Repeat>
  readonly severalKeys: boolean
}

function callsOf(trail: Trail): KnownCalls {
  const kinds = new Map<string, Set<string>>()
  const first = new Map<string, string>()
  const keys = new Set<string>()
  for (const event of trail.events) {
    if (event.kind !== 'send' || event.request >= 0) continue
    const { address } = event
    const { root, to, operation, key } = address
    if (key !== undefined) keys.add(key)
    if (!isFromOutside(address)) continue
    const id = rootText(root)
    kinds.set(id, (kinds.get(id) ?? new Set()).add(`${to} ${operation}`))
    if (!first.has(id)) first.set(id, addressId(address))
  }
  return { kinds, first, repeats: repeatsOf(trail), severalKeys: keys.size > 1 }
}

function clientLabels(
  trail: Trail,
  { kinds, first, repeats }: KnownCalls,
  { address, seq }: Send | StoreCall,
): readonly Label[] {
  const { root, operation, key = '' } = address
  const id = rootText(root)
  const several = (kinds.get(id)?.size ?? 1) > 1
  const name = several ? operation : (operationOf(root) ?? operation)
  const full = `${name} ${key}`.trim()
  const retry = repeats.get(seq)?.number
  if (retry !== undefined) {
    const again = address.from === 'client' ? `retry ${retry}` : `delivery ${retry + 1}`
    return [{ text: `${again}: ${full}` }, { text: again, key: key === '' ? name : key }]
  }
  const invoke = trail.invocations.get(invocationOf(root) ?? -1)?.invoke
  const input = invoke === undefined || first.get(id) !== addressId(address) ? '' : fieldWords(trail, invoke.input, key)
  const aside = input === '' ? '' : `with ${input}`
  const short = key === '' ? [] : [{ ...vague(name, key), aside }]
  return [...(input === '' ? [] : [{ text: withInput(full, input) }]), { text: full, aside }, ...short]
}

function vague(text: string, key: string): Label {
  return { text, key, isVague: true }
}

function nodeLabels(trail: Trail, { severalKeys }: KnownCalls, event: Send | StoreCall): readonly Label[] {
  const { operation, key } = event.address
  const detail = trail.detailAt.get(event.seq)
  const args = operation.endsWith('()') ? listWords(trail, detail?.given ?? []) : ''
  if (args !== '') return [{ text: `${operation.slice(0, -1)}${args})` }, { text: operation, aside: `with ${args}` }]
  const own = detail?.key === undefined ? (severalKeys ? key : undefined) : valueWords(trail, detail.key.value)
  const [verb = operation, ...object] = operation.includes('/') ? [operation] : operation.split(' ')
  const short = object.length === 0 ? [] : [{ text: verb, isVague: true as const }]
  if (own === undefined) return [{ text: operation }, ...short]
  return [{ text: `${operation} ${own}` }, ...[{ text: operation }, ...short].map((label) => vague(label.text, own))]
}
