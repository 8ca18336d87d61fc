// One suite for every store that is reached over the network: what its statements owe the simulation, whichever driver
// sends them.
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { always } from '../check/always.ts'
import { rows } from '../history/effect.ts'
import { historyBytes } from '../history/history-bytes.ts'
import type { History } from '../history/history.ts'
import { describeFault, type Fault, type FaultKind } from '../scenario/fault/registry.ts'
import { everyFault, listed, noFaults, singleFaults, type Plan } from '../scenario/plan.ts'
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
    /** Runs statements in one transaction, which is rolled back where `run` throws. */
    transaction(run: (client: RemoteClient) => Promise<void>): Promise<unknown>
    /** A statement that the store refuses, with a `code` of its own. */
    refused(): Promise<unknown>
  }
  /** The content, read outside any simulation. */
  readonly content: () => Promise<RemoteContent>
  /** The operation that `write` is, as the story names it. */
  readonly writes: string
  /** The `code` of a refused statement. */
  readonly refusedCode: string
}

type Connected = ReturnType<RemoteStoreSubject['connect']>

/** What became of one history. */
interface Outcome {
  readonly history: History
  readonly fired: number
  /** What the handler gave; undefined where it did not end. */
  readonly ended: unknown
  /** At the end of the history, before the next one begins. */
  readonly content: RemoteContent
  /** What its handlers had noted by then. */
  readonly notes: readonly string[]
}

/**
 * Declares vitest tests that hold a remote store against what the simulation expects of it: each statement is a call
 * with four points, and each fault that applies does what it says; a transaction is provisional until its commit, and
 * undone where its owner dies or its connection breaks; histories leave nothing behind, and are alike to the byte.
 *
 * @param make gives a store, which is attached and detached by the simulations
 * @param repeats how many histories are compared with each other
 * @example
 * remoteStoreConformance('my driver', makeSubject, 300)
 */
export function remoteStoreConformance(
  name: string,
  make: () => RemoteStoreSubject | Promise<RemoteStoreSubject>,
  repeats = 300,
): void {
  describe(`${name}, as every remote store`, () => {
    let subject: RemoteStoreSubject
    beforeAll(async () => {
      subject = await make()
    })

    /** Runs histories in which one client calls a handler `times` times. */
    const playing = async <T>(
      handler: (client: Connected, note: (text: string) => void) => Promise<unknown>,
      work: (play: (plan?: Plan, seed?: number) => Promise<Outcome>, faults: () => readonly Fault[]) => Promise<T>,
      times = 1,
    ): Promise<T> => {
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

    const toStore = (fault: Fault): boolean =>
      fault.at.to === subject.store.name || fault.at.from === subject.store.name

    test('a statement takes a way there and a way back, and its result is read from the store', () =>
      playing(
        async (client) => {
          await client.write('b', 2)
          return client.read()
        },
        async (play) => {
          const { history, ended, content } = await play()
          const sends = history.events.flatMap((event) => (event.kind === 'send' ? [event] : []))
          const written = sends.find(({ address }) => address.operation === subject.writes)

          expect(ended).toEqual({ a: 1, b: 2 })
          expect(content).toEqual({ a: 1, b: 2 })
          expect(written?.address.to).toBe(subject.store.name)
          expect(sends.filter(({ request }) => request === written?.seq)).toHaveLength(1)
          expect(history.events.at(-1)?.atMs).toBeGreaterThanOrEqual(120)
        },
      ))

    test('each fault of a call that applies does what it says', () =>
      playing(
        (client) => client.write('b', 2),
        async (play, faults) => {
          await play()
          const writing = faults().filter((fault) => toStore(fault) && fault.at.operation === subject.writes)
          const kinds = new Set(writing.map(({ kind }) => kind))
          for (const fault of writing) {
            const what = describeFault(fault)
            const { ended, content, fired } = await play(listed([fault]))
            const leaves = isWritten(fault)
            expect({ what, fired }).toEqual({ what, fired: 1 })
            if (leaves !== undefined)
              expect({ what, content }).toEqual({ what, content: leaves ? { a: 1, b: 2 } : { a: 1 } })
            if (fails.has(fault.kind)) expect(ended, what).toBeInstanceOf(Error)
            if (fails.has(fault.kind)) expect(Reflect.get(ended as Error, 'code'), what).toMatch(/^[A-Z\d_]{5,}$/)
          }
          expect([...kinds]).toEqual(expect.arrayContaining(['lose', 'delay', 'error', 'reset', 'crash', 'hang']))
          expect(kinds.has('duplicate')).toBe(false)
        },
      ))

    test('a refused statement gives its code, and undoes its transaction', () =>
      playing(
        async (client) => {
          const refusal: unknown = await client.refused().catch((error: unknown) => error)
          const undone: unknown = await client
            .transaction(async (tx) => {
              await tx.write('b', 2)
              throw new Error('no')
            })
            .catch((error: unknown) => error)
          return [Reflect.get(refusal as Error, 'code'), (undone as Error).message, await client.read()]
        },
        async (play) => expect((await play()).ended).toEqual([subject.refusedCode, 'no', { a: 1 }]),
      ))

    test('nobody reads what a transaction has not committed', () =>
      playing(
        async (client) => {
          const before = await client.read()
          await client.transaction(async (tx) => {
            await tx.write('b', (before['b'] ?? 0) + 1)
            await tx.write('c', (before['c'] ?? 0) + 1)
          })
          return client.read()
        },
        async (play) => {
          for (let seed = 1; seed <= 5; seed++) {
            const { content } = await play(noFaults, seed)
            expect(content['b']).toBe(content['c'])
          }
        },
        3,
      ))

    test('whatever single fault strikes, a transaction is whole or not there at all', () =>
      playing(
        (client) =>
          client.transaction(async (tx) => {
            await tx.write('b', 2)
            await tx.write('c', 3)
          }),
        async (play, faults) => {
          await play()
          const all = faults().filter(toStore)
          const found = new Set<string>()
          for (const fault of all) {
            const { content } = await play(listed([fault]))
            found.add(JSON.stringify(content))
          }
          expect(found).toEqual(new Set(['{"a":1}', '{"a":1,"b":2,"c":3}']))
        },
      ))

    test('a process that dies leaves its open transaction undone, and runs no catch and no finally', () =>
      playing(
        async (client, note) => {
          try {
            await client.transaction(async (tx) => {
              await tx.write('b', 2)
              await tx.write('c', 3)
            })
          } catch {
            note('catch')
          } finally {
            note('finally')
          }
        },
        async (play, faults) => {
          await play()
          const crashes = faults().filter(
            (fault) => fault.kind === 'crash' && toStore(fault) && fault.at.operation === subject.writes,
          )
          for (const fault of crashes) {
            const { content, notes } = await play(listed([fault]))
            expect({ content, notes }).toEqual({ content: { a: 1 }, notes: [] })
          }
          expect(crashes.length).toBeGreaterThan(2)
        },
      ))

    test('nothing is left for the next history, and nothing at the end', async () => {
      await playing(
        async (client) => {
          const found = await client.read()
          await client.write('b', 2)
          await client.transaction((tx) => tx.write('c', 3).then(() => undefined))
          return found
        },
        async (play) => {
          for (let seed = 1; seed <= 3; seed++) expect((await play(noFaults, seed)).ended).toEqual({ a: 1 })
        },
      )
      await expect(subject.content()).resolves.toEqual({ a: 1 })
    })

    test('histories are alike to the byte', () =>
      playing(
        async (client) => {
          await client.transaction(async (tx) => {
            const { a = 0 } = await tx.read()
            await tx.write('a', a + 1)
          })
          return client.read()
        },
        async (play) => {
          await play()
          for (let seed = 1; seed <= 10; seed++) {
            const plan: Plan = { kind: 'drawn', seed, rates, maxFaults: 3 }
            const first = await play(plan, seed)
            for (let again = 1; again < repeats / 10; again++) {
              const next = await play(plan, seed)
              expect(historyBytes(next.history)).toBe(historyBytes(first.history))
              expect(next.content).toEqual(first.content)
            }
          }
        },
        3,
      ))
  })
}

/** What is drawn where histories are compared. */
const rates: Partial<Record<FaultKind, number>> = {
  lose: 0.1,
  delay: 0.1,
  error: 0.1,
  reset: 0.1,
  crash: 0.05,
  pause: 0.05,
}

/** Kinds after which whoever waits for the answer gets an error. */
const fails: ReadonlySet<FaultKind> = new Set([
  ...(['error', 'throttle', 'reset', 'refuse', 'lookup', 'unreachable', 'close'] as const),
])

/** A connection whose client has given up takes nothing any more. */
const patienceMs = 300_000

/** Whether the work was done; undefined where the kind leaves that open. */
function isWritten(fault: Fault): boolean | undefined {
  switch (fault.kind) {
    case 'refuse':
    case 'lookup':
    case 'unreachable':
    case 'close':
    case 'throttle':
      return false
    case 'lose':
    case 'error':
    case 'reset':
      return fault.at.leg === 'reply'
    case 'delay':
      return fault.byMs < patienceMs ? true : undefined
    case 'hang':
      return false
    default:
      return undefined
  }
}
