// Isolation as PostgreSQL has it: each anomaly of Hermitage's page shows at the levels at which PostgreSQL allows it,
// and at no other. On PGlite none shows, and the report says so.
import { PGlite } from '@electric-sql/pglite'
import { afterAll, expect, test } from 'vitest'
import { noFaults } from '../../src/index.ts'
import { postgres, startPostgres } from '../../src/postgres.ts'
import { open } from '../../src/simulation.ts'
import type { Store } from '../../src/system/store.ts'
import { amount } from '../full.ts'
import { anomalies, isolationLevels, isolationSchema, isolationSystem } from './isolation-cases.ts'
import type { Anomaly, Level, Witness } from './isolation-cases.ts'

const server = await startPostgres({ migrate: (db) => db.exec(isolationSchema) })
afterAll(() => server.stop())

/** The first seed that shows an anomaly. */
async function firstSeed(store: Store, level: Level, anomaly: Anomaly, seeds: number): Promise<number | undefined> {
  const witness: Witness = { reads: [], end: new Map() }
  const simulation = await open(isolationSystem(store, level, anomaly, witness))
  try {
    const workload = { invocations: [{ id: 0, operation: 'go', client: 0, afterMs: 0, input: null }] }
    for (let seed = 1; seed <= seeds; seed++) {
      await simulation.run({ workload, plan: noFaults, seed })
      if (anomaly.shows(witness.reads, witness.end)) return seed
    }
    return undefined
  } finally {
    await simulation.close()
  }
}

const cells = isolationLevels.flatMap((level) => anomalies.map((anomaly) => ({ level, anomaly, name: anomaly.name })))
const isAllowed = ({ level, anomaly }: (typeof cells)[number]): boolean => anomaly.allowed.includes(level)

test.each(cells.filter(isAllowed))('$name shows at $level', async ({ level, anomaly }) => {
  expect(await firstSeed(postgres(server), level, anomaly, 100)).toBeDefined()
})

test.each(cells.filter((cell) => !isAllowed(cell)))('$name never shows at $level', async ({ level, anomaly }) => {
  expect(await firstSeed(postgres(server), level, anomaly, amount(50))).toBeUndefined()
})

test('PGlite shows none, and says that isolation was not explored', async () => {
  const db = await PGlite.create()
  await db.exec(isolationSchema)
  const store = postgres(db)

  for (const anomaly of anomalies.slice(5)) expect(await firstSeed(store, 'read committed', anomaly, 5)).toBeUndefined()
  expect(store.limits).toContain('isolation')
  await db.close()
})
