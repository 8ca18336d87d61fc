// The pass over the workload: fewer operations, fewer clients, no waiting, small inputs. Faults stay on their messages.
import { invocationOf } from '../scenario/address.ts'
import type { Invocation } from '../scenario/scenario.ts'
import { bisectAndPin, bisectNumber, stepDown } from './bisect.ts'
import type { ListedScenario, ShrinkOptions, Shrinking } from './candidate.ts'
import { shrinkInputs } from './shrink-inputs.ts'
import { renumber } from './rebase.ts'
import type { ShrinkSearch } from './shrink-search.ts'

/** Shorter waits only decide what comes first, in milliseconds: none of them is a length of time of its own. */
const shortWaitMs = 1_000

/**
 * A wait that is left with more than this share of it was shortened in vain: where two waits must differ by so much,
 * each further pass would take a millisecond off, in turns.
 */
const hardlyShorter = 0.99
/** How often that may be tried, until another wait is really shorter. */
const mostInVain = 2

/** Simplifies what the clients do. */
export function* shrinkWorkload(search: ShrinkSearch, options: ShrinkOptions): Shrinking<void> {
  yield* dropInvocations(search)
  yield* search.attemptAnchored(renumber(changed(search, { client: 0, afterMs: 0 })))
  yield* search.attemptAnchored(renumber(search.best))
  yield* mergeClients(search)
  yield* dropWaits(search)
  yield* shrinkInputs(search, options)
}

/** First drops all operations that no fault strikes: most of the time only the struck one matters. */
function* dropInvocations(search: ShrinkSearch): Shrinking<void> {
  if (search.invocations.length < 2) return
  const ids = new Set([...search.faults, ...search.order].map(({ at }) => invocationOf(at.root)))
  const struck = search.invocations.filter(({ id }) => ids.has(id))
  if (struck.length > 0 && (yield* search.attemptAnchored(search.withInvocations(struck))) && struck.length === 1)
    return
  yield* bisectAndPin(
    () => search.invocations.length,
    (kept) => search.attemptAnchored(search.withInvocations(search.invocations.filter((_, index) => kept(index)))),
  )
  for (let last = search.invocations.length - 1; last >= 0 && search.invocations.length > 1; last--) {
    if (!(yield* search.attemptAnchored(search.withInvocations(search.invocations.filter((_, at) => at !== last)))))
      yield* dropKeepingWait(search, last)
  }
}

/** What was waited before an operation is waited before the next one, and twice that: it took time as well. */
function* dropKeepingWait(search: ShrinkSearch, index: number): Shrinking<void> {
  const dropped = search.invocations[index]
  const next = search.invocations.findIndex((one, at) => at > index && one.client === dropped?.client)
  const waitMs = (dropped?.afterMs ?? 0) + (search.invocations[next]?.afterMs ?? 0)
  if (dropped === undefined || dropped.afterMs < shortWaitMs || next < 0) return
  for (const afterMs of [waitMs, 2 * waitMs]) {
    const waiting = search.invocations.map((one, at) => (at === next ? { ...one, afterMs } : one))
    if (yield* search.attemptAnchored(search.withInvocations(waiting.filter((_, at) => at !== index)))) return
  }
}

function* mergeClients(search: ShrinkSearch): Shrinking<void> {
  yield* search.attemptAnchored(changed(search, { client: 0 }))
  for (let index = search.invocations.length - 1; index > 0; index--) {
    const clients = new Set(search.invocations.map(({ client }) => client))
    for (const client of [...clients].toSorted((a, b) => a - b)) {
      if (client >= (search.invocations[index]?.client ?? 0)) break
      if (yield* search.attemptAnchored(changed(search, { client }, index))) break
    }
  }
}

function* dropWaits(search: ShrinkSearch): Shrinking<void> {
  if (yield* search.attemptAnchored(changed(search, { afterMs: 0 }))) return
  for (const [index, { afterMs }] of search.invocations.entries()) {
    const attempt = (value: number): Shrinking<boolean> =>
      search.attemptAnchored(changed(search, { afterMs: value }, index))
    const wait = `${index} of ${search.invocations.length}`
    const inVain = search.waitsInVain.get(wait) ?? 0
    if (afterMs === 0 || inVain >= mostInVain) continue
    const heldMs = yield* afterMs < shortWaitMs ? atOnce(attempt) : stepDown(afterMs, 0, attempt)
    if (heldMs !== undefined) yield* bisectNumber(search.invocations[index]?.afterMs ?? 0, heldMs, [], attempt)
    const leftMs = search.invocations[index]?.afterMs ?? 0
    if (leftMs <= afterMs * hardlyShorter) search.waitsInVain.clear()
    else search.waitsInVain.set(wait, inVain + 1)
  }
}

function* atOnce(attempt: (value: number) => Shrinking<boolean>): Shrinking<number | undefined> {
  return (yield* attempt(0)) ? undefined : 0
}

/** The smallest scenario with one invocation changed, or with all of them. */
function changed(search: ShrinkSearch, change: Partial<Invocation>, only?: number): ListedScenario {
  return search.withInvocations(
    search.invocations.map((invocation, index) =>
      only === undefined || only === index ? { ...invocation, ...change } : invocation,
    ),
  )
}
