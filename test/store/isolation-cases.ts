// Hermitage's tests of PostgreSQL (https://github.com/ept/hermitage/blob/master/postgres.md): transactions that run side
// by side, with pauses of a random length between their statements, and what each anomaly looks like.
import * as fc from 'fast-check'
import { Pool, type PoolClient } from 'pg'
import type { Store, System } from '../../src/index.ts'
import { op, serve } from '../../src/index.ts'
import { nothingToJudge } from '../simulate/systems.ts'

/** The levels that PostgreSQL has. */
export const isolationLevels = ['read committed', 'repeatable read', 'serializable'] as const

export type Level = (typeof isolationLevels)[number]

/** What a transaction has read, in order; undefined where it did not commit. */
type Reads = readonly (number | readonly number[])[] | undefined

/** What a transaction does next: a statement, whose values are noted where it reads. */
type Program = (run: (sql: string) => Promise<readonly number[]>) => Promise<readonly (number | readonly number[])[]>

/** One anomaly. */
export interface Anomaly {
  readonly name: string
  /** Hermitage's table: where PostgreSQL allows it. */
  readonly allowed: readonly Level[]
  readonly programs: readonly Program[]
  /** @param end the rows at the end, by id */
  readonly shows: (reads: readonly Reads[], end: ReadonlyMap<number, number>) => boolean
}

const set = (id: number, value: number): string => `update test set value = ${value} where id = ${id}`
const get = (id: number): string => `select value from test where id = ${id}`
const all = 'select value from test where value % 3 = 0'

/** Ends a transaction without committing it. */
class Aborted extends Error {}

const one = async (values: Promise<readonly number[]>): Promise<number> => (await values)[0] ?? 0

export const anomalies: readonly Anomaly[] = [
  {
    name: 'G0 (write cycles)',
    allowed: [],
    programs: [11, 12].map((value) => async (run) => {
      await run(set(1, value))
      await run(set(2, value + 10))
      return []
    }),
    shows: ([a, b], end) => a !== undefined && b !== undefined && end.get(2) !== (end.get(1) ?? 0) + 10,
  },
  {
    name: 'G1a (aborted reads)',
    allowed: [],
    programs: [
      async (run) => {
        await run(set(1, 101))
        throw new Aborted()
      },
      async (run) => [await one(run(get(1))), await one(run(get(1)))],
    ],
    shows: ([, reads]) => reads?.includes(101) === true,
  },
  {
    name: 'G1b (intermediate reads)',
    allowed: [],
    programs: [
      async (run) => {
        await run(set(1, 101))
        await run(set(1, 11))
        return []
      },
      async (run) => [await one(run(get(1))), await one(run(get(1)))],
    ],
    shows: ([, reads]) => reads?.includes(101) === true,
  },
  {
    name: 'G1c (circular information flow)',
    allowed: [],
    programs: [
      async (run) => {
        await run(set(1, 11))
        return [await one(run(get(2)))]
      },
      async (run) => {
        await run(set(2, 22))
        return [await one(run(get(1)))]
      },
    ],
    shows: ([a, b]) => a?.[0] === 22 && b?.[0] === 11,
  },
  {
    name: 'OTV (observed transaction vanishes)',
    allowed: [],
    programs: [
      async (run) => {
        await run(set(1, 11))
        await run(set(2, 19))
        return []
      },
      async (run) => {
        await run(set(1, 12))
        await run(set(2, 18))
        return []
      },
      async (run) => [await one(run(get(1))), await one(run(get(2)))],
    ],
    // Whoever wrote the first row has written the second one, too, unless the other transaction came after both reads
    shows: ([a, b, reads], end) =>
      a !== undefined &&
      b !== undefined &&
      ((reads?.[0] === 12 && reads[1] === 19 && end.get(1) === 12) ||
        (reads?.[0] === 11 && reads[1] === 18 && end.get(1) === 11)),
  },
  {
    name: 'PMP (predicate with many preceders)',
    allowed: ['read committed'],
    programs: [
      async (run) => [(await run(all)).length, (await run(all)).length],
      async (run) => {
        await run('insert into test values (3, 30)')
        return []
      },
    ],
    shows: ([reads]) => reads?.[0] === 0 && reads[1] === 1,
  },
  {
    name: 'P4 (lost update)',
    allowed: ['read committed'],
    programs: [1, 2].map(() => async (run) => {
      const value = await one(run(get(1)))
      await run(set(1, value + 1))
      return []
    }),
    shows: ([a, b], end) => a !== undefined && b !== undefined && end.get(1) !== 12,
  },
  {
    name: 'G-single (read skew)',
    allowed: ['read committed'],
    programs: [
      async (run) => [await one(run(get(1))), await one(run(get(2)))],
      async (run) => {
        await run(set(1, 12))
        await run(set(2, 18))
        return []
      },
    ],
    shows: ([reads]) => reads?.[0] === 10 && reads[1] === 18,
  },
  {
    name: 'G2-item (write skew)',
    allowed: ['read committed', 'repeatable read'],
    programs: [1, 2].map((id) => async (run) => {
      const reads = [await one(run(get(1))), await one(run(get(2)))]
      await run(set(id, 10 * id + 1))
      return reads
    }),
    shows: (both) => both.every((reads) => reads?.[0] === 10 && reads[1] === 20),
  },
  {
    name: 'G2 (anti-dependency cycles)',
    allowed: ['read committed', 'repeatable read'],
    programs: [30, 42].map((value) => async (run) => {
      const reads = [(await run(all)).length]
      await run(`insert into test values (${value}, ${value})`)
      return reads
    }),
    shows: (both) => both.every((reads) => reads?.[0] === 0),
  },
]

export const isolationSchema =
  'create table test (id int primary key, value int); insert into test values (1, 10), (2, 20)'

/** What came out of one history. */
export interface Witness {
  reads: Reads[]
  end: ReadonlyMap<number, number>
}

/** One process with a pool, whose transactions all run at once. */
export function isolationSystem(store: Store, level: Level, { programs }: Anomaly, witness: Witness): System {
  return {
    nodes: {
      shop: serve(() => {
        const pool = new Pool({ host: 'db', max: 4 }).on('error', () => undefined)
        return async () => {
          witness.reads = await Promise.all(
            programs.map((program) => transaction(pool, level, program).catch(() => undefined)),
          )
          const { rows } = await pool.query<{ id: number; value: number }>('select id, value from test')
          witness.end = new Map(rows.map(({ id, value }) => [id, value]))
          return new Response()
        }
      }),
    },
    stores: [store],
    operations: [op('go', fc.constant(null), () => fetch('http://shop/', { method: 'POST' }))],
    invariants: [nothingToJudge],
  }
}

async function transaction(pool: Pool, level: Level, program: Program): Promise<Reads> {
  const client = await pool.connect()
  try {
    await pause()
    await client.query(`begin isolation level ${level}`)
    const reads = await program((sql) => asked(client, sql))
    await pause()
    await client.query('commit')
    return reads
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

async function asked(client: PoolClient, sql: string): Promise<readonly number[]> {
  await pause()
  const { rows } = await client.query<{ value: number }>(sql)
  return rows.map(({ value }) => value)
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.floor(Math.random() * 200)))
}
