// Mends js-redis-server 0.3.0: who waits in BLPOP for a list is answered WRONGTYPE when somebody sets its key to
// something else, even if another key that it waits for becomes a list. In Redis it goes on waiting for lists.
import type { RedisDatabase } from 'js-redis-server/core'
import type { FairTurns } from './fair-turns.ts'

/** The types that blocking commands wait for. */
const awaited: readonly (readonly [commands: RegExp, type: string])[] = [
  [/^(?:bl(?:pop|move|mpop)|br(?:pop|poplpush))$/, 'list'],
  [/^bz/, 'zset'],
  [/^xread/, 'stream'],
]

/** Such commands look at each of their keys. */
const popping = /pop$|^xread/
const typeOf = { getList: 'list', getSortedSet: 'zset', getStream: 'stream' } as const

interface Waiting {
  type: string | undefined
}

/** What commands that are about to wait have asked to be told of, until it is known for what they wait. */
export class AwaitedTypes {
  readonly #asked: Waiting[] = []

  /** Lets a database tell those who wait only of keys of their type, and have them look at no others. */
  watch(database: RedisDatabase, turns: FairTurns): void {
    for (const look of ['getList', 'getSortedSet', 'getStream'] as const) {
      const native = database[look].bind(database) as (key: Buffer) => never
      database[look] = (key) =>
        popping.test(turns.resumed ?? '') && database.getType(key) !== typeOf[look] ? null : native(key)
    }
    const native = database.subscribeKey.bind(database)
    database.subscribeKey = (key, listener) => {
      const waiting: Waiting = { type: undefined }
      // WATCH is told of all changes
      if (Reflect.get(database, 'activeNotifyCommand') !== 'watch') this.#asked.push(waiting)
      return native(key, (event) => {
        if (event.type === 'write' && waiting.type !== undefined && event.value.type !== waiting.type) return
        listener(event)
      })
    }
  }

  /** A command waits from now on: what was just asked for was asked by it. */
  waits(command: string): void {
    const type = awaited.find(([commands]) => commands.test(command))?.[1]
    for (const waiting of this.#asked.splice(0)) waiting.type = type
  }
}
