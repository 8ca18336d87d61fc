// One suite for every store that is reached over the network: what its statements owe the simulation, whichever driver
// sends them.
import { beforeAll, describe, expect, test } from 'vitest'
import { historyBytes } from '../history/history-bytes.ts'
import { describeFault, type Fault, type FaultKind } from '../scenario/fault/registry.ts'
import { listed, noFaults, type Plan } from '../scenario/plan.ts'
import { failing, inTransaction, isCrash, isWritten, playing, type RemoteStoreSubject } from './remote-play.ts'

/**
 * Declares vitest tests that hold a remote store against what the simulation expects of it: each statement is a call
 * with four points, and each fault that applies does what it says; who dies does nothing more; a transaction is
 * provisional until its commit, and undone where its owner dies or its connection breaks; histories leave nothing
 * behind, and are alike to the byte. For an adapter of your own, and for a driver that `instrument` takes hold of.
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

    const toStore = ({ to, from }: Fault['at']): boolean => to === subject.store.name || from === subject.store.name

    test('a statement takes a way there and a way back, and its result is read from the store', () =>
      playing(
        subject,
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
        subject,
        (client) => client.write('b', 2),
        async (play, faults) => {
          await play()
          const writing = faults().filter((fault) => toStore(fault.at) && fault.at.operation === subject.writes)
          const kinds = new Set(writing.map(({ kind }) => kind))
          for (const fault of writing) {
            const what = describeFault(fault)
            const { ended, content, fired } = await play(listed([fault]))
            const leaves = isWritten(fault)
            expect({ what, fired }).toEqual({ what, fired: 1 })
            if (leaves !== undefined)
              expect({ what, content }).toEqual({ what, content: leaves ? { a: 1, b: 2 } : { a: 1 } })
            if (failing.has(fault.kind)) expect(ended, what).toBeInstanceOf(Error)
            if (failing.has(fault.kind)) expect(Reflect.get(ended as Error, 'code'), what).toMatch(/^[A-Z\d_]{3,}$/)
          }
          expect([...kinds]).toEqual(expect.arrayContaining(['lose', 'delay', 'error', 'reset', 'crash', 'hang']))
          expect(kinds.has('duplicate')).toBe(false)
        },
      ))

    test('a refused statement gives its code, and writes nothing', () =>
      playing(
        subject,
        async (client) => {
          const refusal: unknown = await client.refused().catch((error: unknown) => error)
          return [Reflect.get(refusal as Error, 'code') as unknown, await client.read()]
        },
        async (play) => expect((await play()).ended).toEqual([subject.refusedCode, { a: 1 }]),
      ))

    test('a process that dies asks for nothing more, and runs no catch and no finally', () =>
      playing(
        subject,
        async (client, note) => {
          try {
            await client.write('b', 2)
            await client.write('c', 3)
          } catch {
            note('catch')
          } finally {
            note('finally')
          }
        },
        async (play, faults) => {
          await play()
          const found = new Set<string>()
          for (const fault of faults().filter((one) => isCrash(one) && toStore(one.at))) {
            const { content, notes } = await play(listed([fault]))
            found.add(JSON.stringify(content))
            expect(notes).toEqual([])
          }
          const beginnings = ['{"a":1}', '{"a":1,"b":2}', '{"a":1,"b":2,"c":3}']
          expect(beginnings).toEqual(expect.arrayContaining([...found]))
          expect(found).toContain(beginnings[1])
        },
      ))

    const none = 'it has no transactions'

    test('what throws undoes its transaction', ({ skip }) => {
      skip(subject.transactions === 'none', none)
      return playing(
        subject,
        async (client) => {
          const undone: unknown = await inTransaction(client, async (tx) => {
            await tx.write('b', 2)
            throw new Error('no')
          }).catch((error: unknown) => error)
          return [(undone as Error).message, await client.read()]
        },
        async (play) => expect((await play()).ended).toEqual(['no', { a: 1 }]),
      )
    })

    test('nobody reads what a transaction has not committed', ({ skip }) => {
      skip(subject.transactions === 'none', none)
      return playing(
        subject,
        async (client) => {
          const before = await client.read()
          await inTransaction(client, async (tx) => {
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
      )
    })

    test('whatever single fault strikes, a transaction is whole or not there at all', ({ skip }) => {
      skip(subject.transactions === 'none', none)
      return playing(
        subject,
        (client) =>
          inTransaction(client, async (tx) => {
            await tx.write('b', 2)
            await tx.write('c', 3)
          }),
        async (play, faults) => {
          await play()
          const all = faults().filter(({ at }) => toStore(at))
          const found = new Set<string>()
          for (const fault of all) {
            const { content } = await play(listed([fault]))
            found.add(JSON.stringify(content))
          }
          expect(found).toEqual(new Set(['{"a":1}', '{"a":1,"b":2,"c":3}']))
        },
      )
    })

    test('a process that dies leaves its open transaction undone, and runs no catch and no finally', ({ skip }) => {
      skip(subject.transactions === 'none', none)
      skip(subject.transactions === 'one call', 'its transactions are one call, and never open')
      return playing(
        subject,
        async (client, note) => {
          try {
            await inTransaction(client, async (tx) => {
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
            (fault) => isCrash(fault) && toStore(fault.at) && fault.at.operation === subject.writes,
          )
          for (const fault of crashes) {
            const { content, notes } = await play(listed([fault]))
            expect({ content, notes }).toEqual({ content: { a: 1 }, notes: [] })
          }
          expect(crashes.length).toBeGreaterThan(2)
        },
      )
    })

    test('nothing is left for the next history, and nothing at the end', async () => {
      await playing(
        subject,
        async (client) => {
          const found = await client.read()
          await client.write('b', 2)
          await inTransaction(client, (tx) => tx.write('c', 3).then(() => undefined))
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
        subject,
        async (client) => {
          await inTransaction(client, async (tx) => {
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
