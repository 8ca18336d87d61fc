// Fewer operations, or fewer clients, with the operations in another order: what one buyer did twice and another one
// once may also be done by the two that are left, the first of them beginning with what came last. Only without faults,
// whose messages would be others.
import type { Invocation } from '../scenario/scenario.ts'
import { renumber } from './rebase.ts'
import type { Shrinking } from './candidate.ts'
import type { ShrinkSearch } from './shrink-search.ts'

/** How many candidates are tried. */
const mostTried = 60

/** Whether one of three or more operations, or one of several clients, could be dropped so. */
export function* rearranged(search: ShrinkSearch): Shrinking<boolean> {
  const { invocations, faults, order } = search
  if (invocations.length < 3 || faults.length + order.length > 0) return false
  const clients = new Set(invocations.map(({ client }) => client)).size
  let left = mostTried
  for (const other of candidates(invocations, clients)) {
    if (left-- === 0) return false
    if (yield* search.attempt(renumber(search.withInvocations(other)))) return true
  }
  return false
}

function* candidates(invocations: readonly Invocation[], clients: number): Generator<readonly Invocation[], void> {
  if (clients > 1)
    for (const order of [...eachFirst(invocations), ...eachLast(invocations)]) yield* onClients(order, clients - 1)
  for (const dropped of invocations.toReversed())
    for (const order of eachFirst(invocations.filter((one) => one !== dropped))) yield* onClients(order, clients)
}

/** The operations as they are, and with each of the others first. */
function eachFirst(invocations: readonly Invocation[]): readonly (readonly Invocation[])[] {
  return invocations.map((first) => [first, ...invocations.filter((one) => one !== first)])
}

function eachLast(invocations: readonly Invocation[]): readonly (readonly Invocation[])[] {
  return invocations.slice(0, -1).map((last) => [...invocations.filter((one) => one !== last), last])
}

/** The operations given to so many clients in every way, up to the names of the clients. */
function onClients(invocations: readonly Invocation[], clients: number): readonly (readonly Invocation[])[] {
  return invocations.reduce<readonly (readonly Invocation[])[]>(
    (begun, one) =>
      begun.flatMap((before) => {
        const known = Math.max(-1, ...before.map(({ client }) => client)) + 1
        return Array.from({ length: Math.min(clients, known + 1) }, (_, client) => [...before, { ...one, client }])
      }),
    [[]],
  )
}
