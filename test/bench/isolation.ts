// isolation: every anomaly of Hermitage's page about PostgreSQL, on a real server: found at exactly the levels where
// its table says that PostgreSQL allows it, and never at the others.
import { noFaults } from '../../src/index.ts'
import { postgres, startPostgres } from '../../src/postgres.ts'
import { open } from '../../src/simulation.ts'
import { anomalies, isolationLevels, isolationSchema, isolationSystem } from '../store/isolation-cases.ts'
import type { Witness } from '../store/isolation-cases.ts'
import type { Effort, Result } from './result.ts'

export async function* isolation({ quick }: Effort): AsyncGenerator<Result, void> {
  const seeds = quick ? 50 : 500
  const db = await startPostgres({ migrate: (server) => server.exec(isolationSchema) })
  const workload = { invocations: [{ id: 0, operation: 'go', client: 0, afterMs: 0, input: null }] }
  let [right, cells] = [0, 0]
  try {
    for (const level of isolationLevels) {
      for (const anomaly of anomalies) {
        const witness: Witness = { reads: [], end: new Map() }
        const simulation = await open(isolationSystem(postgres(db), level, anomaly, witness))
        let [first, shown] = [0, 0]
        for (let seed = 1; seed <= seeds; seed++) {
          await simulation.run({ workload, plan: noFaults, seed })
          if (!anomaly.shows(witness.reads, witness.end)) continue
          shown += 1
          if (first === 0) first = seed
        }
        await simulation.close()
        const allowed = anomaly.allowed.includes(level)
        cells += 1
        if (allowed === shown > 0) right += 1
        const cell = `${anomaly.name} at ${level}, ${allowed ? 'allowed' : 'forbidden'}`
        yield { name: cell, value: shown, unit: `shown; first by seed ${first}`, baseline: seeds, ratio: shown / seeds }
      }
    }
  } finally {
    await db.stop()
  }
  yield { name: 'isolation', value: right, unit: 'cells right', baseline: cells, ratio: right / cells }
}
