// Histories of one handler that uses a remote store, for the suite of remote stores.
import * as fc from 'fast-check'
import { always } from '../check/always.ts'
import { rows } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import { fieldOf, type Fault, type FaultKind } from '../scenario/fault/registry.ts'
import { everyFault, noFaults, singleFaults, type Plan } from '../scenario/plan.ts'
import { open } from '../simulation.ts'
import { op } from '../system/operation.ts'
import type { Store } from '../system/store.ts'
import { serve } from '../transport/serve.ts'

/** Keys and numbers. */
export type RemoteContent = Readonly<Record<string, number>>

/** Code that uses the store as a node does. */
export interface RemoteClient {
  /** All content, in order of keys, by one statement. */
  read(): Promise<RemoteContent>
  /** One statement. */
  write(key: string, value: number): Promise<unknown>
}

/** A store that is reached over the network, with the code that uses it. */
export interface RemoteStoreSubject {
  /** Holds `{ a: 1 }`. */
  readonly store: Store
  /** What a node makes as it boots. */
  readonly connect: () => RemoteClient & {
    /** Runs statements in one transaction, which is rolled back where `run` throws. Absent where it has none. */
    transaction?(run: (client: RemoteClient) => Promise<void>): Promise<unknown>
    /** A statement that the store refuses, with a `code` of its own. */
    refused(): Promise<unknown>
  }
  /** Whether one call carries out a whole transaction, or there are none. @default each statement of one is a call */
  readonly transactions?: 'one call' | 'none'
  /** The content, read outside any simulation. */
  readonly content: () => Promise<RemoteContent>
  /** The operation that `write` is, as the story names it. */
  readonly writes: string
  /** The `code` of a refused statement. */
  readonly refusedCode: string
}

/** What a handler has. */
export type Connected = ReturnType<RemoteStoreSubject['connect']>

/** Runs statements in one transaction, or by themselves where the store has none. */
export async function inTransaction(client: Connected, run: (client: RemoteClient) => Promise<void>): Promise<void> {
  await (client.transaction === undefined ? run(client) : client.transaction(run))
}

/** What became of one history. */
export interface RemoteOutcome {
  readonly history: History
  readonly fired: number
  /** What the handler gave; undefined where it did not end. */
  readonly ended: unknown
  /** At the end of the history, before the next one begins. */
  readonly content: RemoteContent
  /** What its handlers had noted by then. */
  readonly notes: readonly string[]
}

/** Runs histories in which as many clients as `times` call a handler once each. */
export async function playing<T>(
  subject: RemoteStoreSubject,
  handler: (client: Connected, note: (text: string) => void) => Promise<unknown>,
  work: (play: (plan?: Plan, seed?: number) => Promise<RemoteOutcome>, faults: () => readonly Fault[]) => Promise<T>,
  times = 1,
): Promise<T> {
  let ended: unknown
  let content: RemoteContent = {}
  let noted: string[] = []
  let notes: readonly string[] = []
  const shop = serve(() => {
    const client = subject.connect()
    return async () => {
      ended = await handler(client, (text) => noted.push(text)).catch((error: unknown) => error)
      return new Response(ended instanceof Error ? 'failed' : 'done')
    }
  })
  const system = {
    nodes: { shop },
    stores: [subject.store],
    operations: [op('act', fc.constant(null), () => fetch('http://shop/', { method: 'POST' }))],
    invariants: [
      always(
        'read',
        rows('content', async () => {
          content = await subject.content()
          notes = [...noted]
          return []
        }),
        () => true,
      ),
    ],
  }
  const workload = {
    invocations: Array.from({ length: times }, (_, id) => ({
      ...{ id, operation: 'act', client: id, afterMs: 7 * id, input: null },
    })),
  }
  const simulation = await open(system)
  let sites: Parameters<typeof singleFaults>[0] = []
  try {
    return await work(
      async (plan = noFaults, seed = 1) => {
        ended = undefined
        noted = []
        const run = await simulation.run({ workload, plan, seed }, { collect: plan === noFaults })
        if (plan === noFaults) sites = run.sites
        return { history: run.history, fired: run.fired.length, ended, content, notes }
      },
      () => singleFaults(sites, everyFault),
    )
  } finally {
    await simulation.close()
  }
}

/** Kinds after which whoever waits for the answer gets an error. */
export const failing: ReadonlySet<FaultKind> = new Set([
  ...(['error', 'throttle', 'reset', 'refuse', 'lookup', 'unreachable', 'close', 'readonly'] as const),
])

/** A connection whose client has given up takes nothing any more. */
const patienceMs = 300_000

/** Whether the work was done; undefined where the kind leaves that open. */
export function isWritten(fault: Fault): boolean | undefined {
  return written[fault.kind]?.(fault)
}

const never = (): boolean => false
const onlyOnReply = ({ at }: Fault): boolean => at.leg === 'reply'

const written: Partial<Record<FaultKind, (fault: Fault) => boolean | undefined>> = {
  ...{ refuse: never, lookup: never, unreachable: never, close: never, throttle: never, hang: never, readonly: never },
  ...{ lose: onlyOnReply, error: onlyOnReply, reset: onlyOnReply },
  delay: (fault) => (Number(fieldOf(fault, 'byMs')) < patienceMs ? true : undefined),
}

/** Whether the process that uses the store dies by it. The store's own may be another. */
export function isCrash(fault: Fault): boolean {
  return dying.has(fault.kind) && fieldOf(fault, 'node') === 'shop'
}

const dying: ReadonlySet<FaultKind> = new Set(['crash'])
