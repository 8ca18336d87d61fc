// What a Redis holds: its keys with their values, as copies that may be put back; and as plain values, for invariants.
import type { RedisDatabase, RedisServerState } from 'js-redis-server/core'

/** A value as the engine keeps it. */
type RedisData = NonNullable<ReturnType<RedisDatabase['get']>>

interface Kept {
  readonly key: Buffer
  readonly value: RedisData
  readonly expiresAt?: number
}

/** The keys of each of its databases. */
export type RedisContent = readonly (readonly Kept[])[]

/** What a key holds, as a plain value. */
export type RedisPlain =
  string | readonly string[] | Readonly<Record<string, string>> | readonly RedisScore[] | readonly RedisStreamEntry[]

/** A member of a sorted set. */
export interface RedisScore {
  readonly member: string
  readonly score: number
}

/** An entry of a stream. */
export interface RedisStreamEntry {
  readonly id: string
  readonly fields: Readonly<Record<string, string>>
}

/** A key of a Redis. */
export interface RedisEntry {
  readonly key: string
  readonly type: 'string' | 'list' | 'set' | 'hash' | 'zset' | 'stream'
  /**
   * A text; a list as an array; a set as a sorted array; a hash as an object; a sorted set as an array of members with
   * their scores; a stream as an array of entries with ids and fields.
   */
  readonly value: RedisPlain
  /** When it expires, in milliseconds since the epoch by the clock of the server. Absent: never. */
  readonly expiresAtMs?: number
}

/** A copy of all that a server holds. */
export function contentOf(state: RedisServerState, clone: (value: RedisData) => RedisData): RedisContent {
  return state.databases.map((database) =>
    [...entriesOf(database).values()].map((entry) => ({ ...entry, value: clone(entry.value) })),
  )
}

/** Puts a copy into a server that holds nothing. */
export function putContent(state: RedisServerState, content: RedisContent): void {
  for (const [index, entries] of content.entries())
    for (const { key, value, expiresAt } of entries)
      state.getDatabase(index).set(key, value, expiresAt === undefined ? {} : { expiresAt })
}

function entriesOf(database: RedisDatabase): ReadonlyMap<string, Kept> {
  const keyspace = Reflect.get(database, 'keyspace') as object // js-redis-server keeps it there
  return Reflect.get(keyspace, 'entries') as ReadonlyMap<string, Kept>
}

/** The keys of a database that have not expired at a time, in the order of their names. */
export function plainEntries(content: RedisContent, database: number, nowMs: number): readonly RedisEntry[] {
  return (content[database] ?? [])
    .filter(({ expiresAt }) => expiresAt === undefined || expiresAt > nowMs)
    .map(({ key, value, expiresAt }) => ({
      key: String(key),
      type: value.type,
      value: plain(value, nowMs),
      ...(expiresAt === undefined ? {} : { expiresAtMs: expiresAt }),
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
}

function plain(data: RedisData, nowMs: number): RedisPlain {
  switch (data.type) {
    case 'string':
      return String(data.value)
    case 'list':
      return data.values.map(String)
    case 'set':
      return [...data.members.values()].map(String).sort()
    case 'hash':
      return Object.fromEntries(
        [...data.fields.values()].flatMap(({ field, value, expiresAt = Infinity }) =>
          expiresAt > nowMs ? [[String(field), String(value)]] : [],
        ),
      )
    case 'zset':
      return [...data.members.values()]
        .map(({ member, score }) => ({ member: String(member), score }))
        .sort((a, b) => a.score - b.score || (a.member < b.member ? -1 : 1))
    case 'stream':
      return data.entries.map(({ id, fields }) => ({ id: `${id.ms}-${id.seq}`, fields: inPairs(fields) }))
    default:
      return data satisfies never
  }
}

function inPairs(fields: readonly Buffer[]): Readonly<Record<string, string>> {
  const pairs: [string, string][] = []
  for (let at = 0; at + 1 < fields.length; at += 2) pairs.push([String(fields[at]), String(fields[at + 1])])
  return Object.fromEntries(pairs)
}
