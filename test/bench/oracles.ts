// oracles: of thirty invariants that cannot fail, how many are named; of those that only a broken twin of a stub
// deceives, too; of all those of the sound systems, how many are named wrongly; and how much longer a test takes with
// the question.
import { assess } from '../../src/index.ts'
import { startStopwatch } from '../../src/plain/stopwatch.ts'
import { oracleRemarks } from '../../src/oracle/oracles.ts'
import { open } from '../../src/simulation.ts'
import type { System } from '../../src/index.ts'
import { agreeing, banking, can, disagreeing, judgedBy, never } from '../oracle/green-for-ever.ts'
import type { Effort, Result } from './result.ts'
import { soundSystems } from './sound/systems.ts'
import { unbroken } from './systems.ts'

export async function* oracles({ quick }: Effort): AsyncGenerator<Result, void> {
  let named = 0
  for (const invariant of never)
    named += (await remarksOf(judgedBy([invariant]))).filter(isAbout(invariant.name)).length
  yield { name: 'oracles', value: named, unit: 'named', baseline: never.length, ratio: named / never.length }

  let deceived = 0
  for (const invariant of agreeing)
    deceived += (await remarksOf(banking([invariant]))).some(isAbout(invariant.name)) ? 1 : 0
  yield {
    name: 'oracles/stubs',
    value: deceived,
    unit: 'named',
    baseline: agreeing.length,
    ratio: deceived / agreeing.length,
  }

  const good = [
    ...disagreeing.map((one) => banking([one])),
    banking(disagreeing),
    ...can.map((one) => judgedBy([one])),
    ...soundSystems.map(({ system }) => made(system)),
    ...Object.values(unbroken),
  ]
  const wrong: string[] = []
  let asked = 0
  for (const system of good) {
    asked += system.invariants.length
    wrong.push(...(await remarksOf(system)).filter((text) => system.invariants.some(({ name }) => isAbout(name)(text))))
  }
  for (const text of wrong) console.error(text)
  yield { name: 'oracles/wrongly', value: wrong.length, unit: 'named', baseline: asked, ratio: wrong.length / asked }

  let [alone, beside] = [0, 0]
  for (const { system: given } of soundSystems.slice(0, quick ? 8 : undefined)) {
    const system = made(given)
    const explored = startStopwatch()
    await assess(system)
    alone += explored.elapsedMs()
    const remarked = startStopwatch()
    await remarksOf(system)
    beside += remarked.elapsedMs()
  }
  yield { name: 'oracles/time', value: beside, unit: 'ms', baseline: alone, ratio: beside / alone }
}

/** Some have tables of their own for each use. */
function made(system: System | (() => System)): System {
  return typeof system === 'function' ? system() : system
}

function isAbout(invariant: string): (text: string) => boolean {
  return (text) => text.startsWith(`${invariant} would not have noticed`)
}

async function remarksOf(system: System): Promise<readonly string[]> {
  const simulation = await open(system)
  try {
    return await oracleRemarks(simulation, 1)
  } finally {
    await simulation.close()
  }
}
