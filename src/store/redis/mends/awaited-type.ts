// Mends js-redis-server 0.3.0: who waits in BLPOP for a list is answered WRONGTYPE when somebody sets its key to
// something else. In Redis it goes on waiting until there is a list.
import type { RedisDatabase } from 'js-redis-server/core'

/** The types that blocking commands wait for. */
const awaited: readonly (readonly [commands: RegExp, type: string])[] = [
  [/^(?:bl(?:pop|move|mpop)|br(?:pop|poplpush))$/, 'list'],
  [/^bz/, 'zset'],
  [/^xread/, 'stream'],
]

interface Waiting {
  type: string | undefined
}

/** What commands that are about to wait have asked to be told of, until it is known for what they wait. */
export class AwaitedTypes {
  readonly #asked: Waiting[] = []

  /** Lets a database tell those who wait only of keys of their type. */
  watch(database: RedisDatabase): void {
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
