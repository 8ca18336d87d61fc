// Which changes of keys are new: a loop that takes a lock and gives it back, or writes the time of its last turn, leads
// nowhere, and the history that waits for it may end. A change is new where its key has not held that value before, as
// far as times in it do not count.
import { hashText } from '../../plain/hash-text.ts'
import type { RedisDatabase } from 'js-redis-server/core'

/** A change of a key. */
export type RedisChange = Parameters<Parameters<RedisDatabase['subscribe']>[0]>[0]

/** What the keys of one life of a server have held. */
export class RedisNews {
  readonly #seen = new Set<string>()

  /** Whether this has not happened before. */
  isNew(change: RedisChange): boolean {
    const before = this.#seen.size
    this.#seen.add(`${change.database} ${change.type} ${change.type === 'flush' ? '' : textOf(change)}`)
    return this.#seen.size > before
  }
}

function textOf(change: Exclude<RedisChange, { readonly type: 'flush' }>): string {
  const key = change.key.toString('latin1')
  if (change.type !== 'write') return key
  const value = JSON.stringify(change.value, (_, part: unknown) => {
    if (part instanceof Map) return [...part.values()] as unknown
    return typeof part === 'bigint' ? String(part) : isBytes(part) ? Buffer.from(part.data).toString('latin1') : part
  })
  return `${key} ${hashText(value.replaceAll(times, 'time'))}`
}

/** Seconds, milliseconds or microseconds since the epoch, in this century. */
const times = /\b[1-4]\d{9}(?:\d{3}){0,2}\b/g

/** A Buffer, as JSON has it. */
function isBytes(part: unknown): part is { readonly data: readonly number[] } {
  return typeof part === 'object' && part !== null && 'type' in part && part.type === 'Buffer' && 'data' in part
}
