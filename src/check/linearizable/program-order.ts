// Program order: each client's operations stay in their order, whatever the time (Lamport, "How to Make a
// Multiprocessor Computer That Correctly Executes Multiprocess Programs", 1979). Knows a part; must not know how the
// search goes on.
import { hasBit, setBit, type PlacementOrder } from './order.ts'
import type { StatePartition } from './state-partition.ts'
import type { OrderRule } from './search-order.ts'
import { refused, type Transitions } from './transitions.ts'

export const programOrder: OrderRule = {
  adjective: 'sequential',
  keeps: 'the order of each client',
  isTimed: false,
  order: orderOf,
}

/**
 * The words of a configuration are: the state; how many answered operations of each client are placed; a bit for each
 * uncertain operation that is used. An uncertain operation waits for the answered operations of its client before it,
 * and nothing waits for it.
 */
function orderOf(part: StatePartition, transitions: Transitions): PlacementOrder {
  const { kinds, completed, readOnly } = part
  const { chains, clients, after } = programsOf(part)
  const exact = chains.length
  const used = Math.ceil((kinds.length - completed) / 32)

  const nextOf = (words: Int32Array, at: number, client: number): number =>
    chains[client]?.[words[at + 1 + client] ?? 0] ?? -1
  const isUsed = (words: Int32Array, at: number, operation: number): boolean =>
    hasBit(words, at + 1 + exact, operation - completed)
  const isReady = (words: Int32Array, at: number, operation: number): boolean =>
    !isUsed(words, at, operation) &&
    (words[at + 1 + (clients[operation] ?? 0)] ?? 0) >= (after[operation - completed] ?? 0)

  /** Of the ready operations with equal acts, only the first is a candidate; the others would lead to the same. */
  const isCandidate = (words: Int32Array, at: number, operation: number): boolean => {
    if (!isReady(words, at, operation)) return false
    for (let other = completed; other < operation; other++)
      if (kinds[other] === kinds[operation] && isReady(words, at, other)) return false
    return true
  }

  const fits = (words: Int32Array, at: number, operation: number): boolean => {
    const kind = kinds[operation] ?? 0
    return readOnly[kind] === true && transitions.next(words[at] ?? 0, kind) !== refused
  }

  return {
    exact,
    used,
    settle(words, at) {
      let work = 0
      for (let client = 0; client < chains.length; client++) {
        for (
          let next = nextOf(words, at, client);
          next >= 0 && fits(words, at, next);
          next = nextOf(words, at, client)
        ) {
          words[at + 1 + client] = (words[at + 1 + client] ?? 0) + 1
          work += 1
        }
      }
      return work
    },
    isDone: (words, at) => chains.every((chain, client) => words[at + 1 + client] === chain.length),
    isHopeless: () => false,
    looked: () => 0,
    candidate(words, at, cursor) {
      let next = cursor
      for (; next < chains.length; next++) if (nextOf(words, at, next) >= 0) return next
      for (; next < chains.length + kinds.length - completed; next++)
        if (isCandidate(words, at, completed + next - chains.length)) return next
      return -1
    },
    operationOf: (words, at, index) =>
      index < chains.length ? nextOf(words, at, index) : completed + index - chains.length,
    place(words, at, operation) {
      const client = at + 1 + (clients[operation] ?? 0)
      if (operation < completed) words[client] = (words[client] ?? 0) + 1
      else setBit(words, at + 1 + exact, operation - completed)
    },
    depth: (words, at) => chains.reduce((sum, _, client) => sum + (words[at + 1 + client] ?? 0), 0),
    blocked: (words, at) => chains.map((_, client) => nextOf(words, at, client)).filter((operation) => operation >= 0),
  }
}

interface Programs {
  /** Each client's answered operations in order. */
  readonly chains: readonly (readonly number[])[]
  /** The client of each operation. */
  readonly clients: Int32Array
  /** For each uncertain operation: how many operations of its client were answered before it. */
  readonly after: Int32Array
}

function programsOf({ operations, completed }: StatePartition): Programs {
  const numbers = new Map<number, number>()
  const clients = Int32Array.from(
    operations,
    ({
      call: {
        invoke: { client },
      },
    }) => {
      const number = numbers.get(client) ?? numbers.size
      numbers.set(client, number)
      return number
    },
  )
  const chains: number[][] = Array.from(numbers, () => [])
  for (let operation = 0; operation < completed; operation++) chains[clients[operation] ?? 0]?.push(operation)
  const seqOf = (operation: number): number => operations[operation]?.call.invoke.seq ?? 0
  const after = Int32Array.from(
    { length: operations.length - completed },
    (_, index) =>
      (chains[clients[completed + index] ?? 0] ?? []).filter((earlier) => seqOf(earlier) < seqOf(completed + index))
        .length,
  )
  return { chains, clients, after }
}
