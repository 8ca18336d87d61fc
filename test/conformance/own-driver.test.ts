// A driver that no adapter knows, taken hold of by `instrument` and held against the suite of remote stores: each of
// its calls has four points, faults do what they say, the dead do nothing more, and histories are alike to the byte.
import { remoteStoreConformance } from 'two-generals/conformance'
import { instrument } from 'two-generals/stores'
import { amount } from '../full.ts'

/** A database as a package may have one: in memory, with promises for answers. */
class MemoryDatabase {
  #entries: ReadonlyMap<string, number> = new Map()

  async find(): Promise<ReadonlyMap<string, number>> {
    return this.#entries
  }

  async put(key: string, value: number): Promise<void> {
    if (value < 0) throw Object.assign(new Error('a value is not negative'), { code: 'NEGATIVE' })
    this.#entries = new Map(this.#entries).set(key, value)
  }

  restore(entries: readonly (readonly [string, number])[]): void {
    this.#entries = new Map(entries)
  }
}

remoteStoreConformance(
  'a driver by instrument',
  () => {
    const db = new MemoryDatabase()
    const read = async (): Promise<Readonly<Record<string, number>>> => Object.fromEntries(await db.find())
    return {
      store: instrument(db, ['find', 'put'], { name: 'db', write: ['put'], reset: () => db.restore([['a', 1]]) }),
      transactions: 'none',
      connect: () => ({
        read,
        write: (key, value) => db.put(key, value),
        refused: () => db.put('b', -1),
      }),
      content: read,
      writes: 'put()',
      refusedCode: 'NEGATIVE',
    }
  },
  amount(300),
)
