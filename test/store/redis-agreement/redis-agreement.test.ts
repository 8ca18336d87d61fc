// The engine in the place of Redis against Redis itself: random sequences of commands on one connection, and on several
// that wait for each other. Where they differ, the difference is known, and says why.
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { redisEngine, type RedisEngine } from '../../../src/store/redis/redis-core.ts'
import { amount } from '../../full.ts'
import { agrees, knownDifferences, wordsOf } from './agrees.ts'
import { OwnConnection, ownServer } from './own-redis.ts'
import { startRedis, whyNoRedis, type RealRedis } from './real-redis.ts'
import type { RespValue } from './resp.ts'
import { drawOf, expanded, sequence } from './sequences.ts'

const missing = whyNoRedis()
const all = { one: amount(5_000), several: amount(400) }

describe('against a real Redis', () => {
  let real: RealRedis | undefined
  let engine: RedisEngine
  beforeAll(async () => {
    engine = await redisEngine('redis', '7.0')
    if (missing === undefined) real = await startRedis()
    else console.warn(`\nNOT COMPARED: ${all.one + all.several} sequences of commands. ${missing}\n`)
  })
  afterAll(() => real?.stop())

  test('random sequences are answered alike', { timeout: 600_000 }, async ({ skip }) => {
    skip(real === undefined, missing)
    if (real === undefined) return
    const connection = await real.connect()
    const known = new Map<string, number>()
    for (let seed = 1; seed <= all.one; seed++) {
      const commands = sequence(seed, 25)
      const [, , , ...theirs] = await connection.ask([['RESET'], ['FLUSHALL'], ['SCRIPT', 'FLUSH'], ...commands])
      const own = new OwnConnection(ownServer(engine))
      for (const command of commands) await own.send(command)
      const at = commands.findIndex((_, index) => !agreesIn(commands, index, theirs, own.replies))
      own.close()
      if (at < 0) continue
      const [their = null, ours = null] = [theirs[at], own.replies[at]]
      const why = whyKnown(commands, at, their, ours)
      expect(
        why,
        `${commands.slice(0, at + 1).join('\n')}\nRedis: ${wordsOf(their)}\nengine: ${wordsOf(ours)}`,
      ).toBeDefined()
      known.set(why ?? '', (known.get(why ?? '') ?? 0) + 1)
    }
    connection.close()
    console.log(`${all.one} sequences of 25 commands; differing: ${wordsOf(Object.fromEntries(known))}`)
    expect([...known.values()].reduce((sum, count) => sum + count, 0)).toBeLessThan(all.one / 25)
  })

  test('several connections are served in the same order', { timeout: 600_000 }, async ({ skip }) => {
    skip(real === undefined, missing)
    if (real === undefined) return
    const admin = await real.connect()
    const settled = async (): Promise<void> => {
      for (let round = 0; round < 2; round++) await admin.ask([['PING']])
      await turn()
    }
    for (let seed = 1; seed <= all.several; seed++) {
      const draw = drawOf(seed)
      await admin.ask([['FLUSHALL']])
      const server = ownServer(engine)
      const theirs = [await real.connect(), await real.connect(), await real.connect(), await real.connect()]
      const owns = theirs.map(() => new OwnConnection(server))
      const told: string[] = []
      for (let left = 22; left > 0; left--) {
        const who = draw(theirs.length)
        // One of them listens, since who has subscribed may do little else
        const lines = who === theirs.length - 1 ? listening : concurrent
        const command = expanded(lines[draw(lines.length)] ?? '', draw).map((part) =>
          part === '*' ? `${seed}-${100 - left}` : part,
        )
        told.push(`${who}: ${command.join(' ')}`)
        theirs[who]?.send(command)
        void owns[who]?.send(command).catch(() => undefined) // it is closed while it waits
        await settled()
        for (const [index, their] of theirs.entries())
          expect(wordsOf(owns[index]?.replies ?? null), `${told.join('\n')}\nconnection ${index}`).toBe(
            wordsOf(their.replies),
          )
      }
      for (const connection of [...theirs, ...owns]) connection.close()
      await settled()
    }
    admin.close()
  })
})

/** What clients do who wait for each other. */
const concurrent: readonly string[] = [
  'BLPOP (l0|l1) 0',
  'BRPOP (l0|l1) (l0|l1) 0',
  'BLMOVE (l0|l1) (l0|l1) LEFT RIGHT 0',
  'BZPOPMIN z0 0',
  'XREAD BLOCK 0 STREAMS x0 $',
  'XREADGROUP GROUP g #c BLOCK 0 STREAMS x0 >',
  'LPUSH (l0|l1) (a|b)',
  'RPUSH (l0|l1) c d',
  'ZADD z0 1 (a|b)',
  'XADD x0 * f v',
  'XGROUP CREATE x0 g $ MKSTREAM',
  'DEL (l0|l1) z0',
  'WATCH (l0|l1)',
  'MULTI',
  'EXEC',
  'RPUSH (l0|l1) m',
  'PUBLISH (ch1|ch2) m',
  'RENAME (l0|l1) (l0|l1)',
  'SET (l0|l1) s',
  'LLEN (l0|l1)',
]

const listening: readonly string[] = ['SUBSCRIBE (ch1|ch2)', 'PSUBSCRIBE ch*', 'UNSUBSCRIBE (ch1|ch2)', 'PING']

/** As `agrees`; of a transaction, each answer of its commands. */
function agreesIn(
  commands: readonly (readonly string[])[],
  at: number,
  theirs: readonly RespValue[],
  owns: readonly RespValue[],
): boolean {
  return pairsAt(commands, at, theirs[at] ?? null, owns[at] ?? null).every(([command, their, own]) =>
    agrees(command, their, own),
  )
}

function whyKnown(
  commands: readonly (readonly string[])[],
  at: number,
  their: RespValue,
  own: RespValue,
): string | undefined {
  const [first] = pairsAt(commands, at, their, own).filter((pair) => !agrees(...pair))
  return first === undefined ? undefined : knownDifferences.find(({ is }) => is(...first))?.why
}

type Pair = readonly [command: readonly string[], their: RespValue, own: RespValue]

function pairsAt(
  commands: readonly (readonly string[])[],
  at: number,
  their: RespValue,
  own: RespValue,
): readonly Pair[] {
  const command = commands[at] ?? []
  if (command[0] !== 'EXEC' || !Array.isArray(their) || !Array.isArray(own)) return [[command, their, own]]
  const [theirs, owns] = [their as readonly RespValue[], own as readonly RespValue[]]
  if (theirs.length !== owns.length) return [[command, their, own]]
  const begun = commands.slice(0, at).findLastIndex(([name]) => name === 'MULTI')
  const inside = commands.slice(begun + 1, at)
  return theirs.map((one, index) => [inside[index] ?? [], one, owns[index] ?? null])
}
