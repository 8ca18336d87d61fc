// The benchmarks of the exploration are measured by `npm run bench`, not here. Sampled here: that they count what they
// say, and that they find a bug that is easy to find, and none where there is none.
// @module-tag full
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { assess } from '../src/index.ts'
import { against } from './bench/against.ts'
import { detectBug } from './bench/detect.ts'
import { driftOf } from './bench/drift.ts'
import { storyCpuMs } from './bench/first-story.ts'
import { exploration, uniform } from './bench/first-violation.ts'
import { shrinkPlanted } from './bench/minimal.ts'
import { examples, fateOf } from './bench/mutants.ts'
import { mutantsOf } from './bench/mutate.ts'
import { scheduled } from './bench/scheduler-baseline.ts'
import { unrelatedEdits } from './bench/unrelated-edits.ts'
import { chanceOfLarger } from './bench/rank-test.ts'
import { historyOf, landscapeOf, scenarioOf } from './bench/scale.ts'
import { open } from '../src/simulation.ts'
import { retriedCharge } from './quality/corpus/retried-charge.ts'
import { unlimitedCall } from './quality/corpus/unlimited-call.ts'
import type { Planted } from './quality/planted.ts'

const soundTwin: Planted = { ...retriedCharge, system: () => retriedCharge.system(true) }

describe('the rank test', () => {
  test('tells a difference from chance', () => {
    const small = [1, 2, 3, 4, 5, 6, 7, 8]
    const large = small.map((n) => n + 20)
    expect(chanceOfLarger(large, small)).toBeCloseTo(0.00046, 4)
    expect(chanceOfLarger(small, large)).toBeGreaterThan(0.99)
    expect(chanceOfLarger(small, small)).toBeCloseTo(0.52, 2)
    expect(chanceOfLarger([7, 7, 7], [7, 7])).toBe(1)
  })
})

describe('detect', () => {
  test('finds a lost reply on every seed, with few executions, and the same again', async () => {
    const amount = { seeds: 2, executions: 200 }
    const found = async (): Promise<readonly unknown[]> => {
      const { ours, byDefault, baselines } = await detectBug(retriedCharge, amount)
      return [ours, byDefault, ...Object.values(baselines)].map((all) => all.map(({ first }) => first?.executions))
    }
    const first = await found()
    expect(first.flat().filter((executions) => executions === undefined)).toEqual([])
    expect(await found()).toEqual(first)
  })

  test('finds nothing in a sound twin, and stops at its limit', async () => {
    const found = await uniform(0.1)(soundTwin.system(false), { seed: 1, executions: 30 })
    expect(found).toEqual({ executions: 30, cpuMs: expect.any(Number) })
  })

  test('counts every execution, also those that the result does not count', async () => {
    const { explored } = await assess(soundTwin.system(false), { numRuns: 40 })
    const { executions, first } = await exploration({ numRuns: 40 })(soundTwin.system(false), {
      seed: 1,
      executions: Infinity,
    })
    expect(first).toBe(undefined)
    expect(executions).toBeGreaterThanOrEqual(explored.perfect.run + explored.singles.run + explored.swarm.run)
  })
})

describe("fast-check's scheduler", () => {
  test('finds a lost reply with faults written by hand, and nothing in the sound twin', async () => {
    const search = scheduled(retriedCharge)
    const found = await search?.(retriedCharge.system(false), { seed: 1, executions: 200 })
    expect(found?.first?.executions).toBeLessThan(200)
    const sound = await search?.(soundTwin.system(false), { seed: 1, executions: 200 })
    expect(sound).toEqual({ executions: 200, cpuMs: expect.any(Number) })
  })
})

describe('minimal', () => {
  test('a lost reply is what is left of a swarm failure', async () => {
    const { shrunk } = await shrinkPlanted(retriedCharge, { failures: 2, tries: 100 })
    expect(shrunk.map(({ scenario }) => [scenario.plan.faults.length, scenario.workload.invocations.length])).toEqual([
      [1, 1],
      [1, 1],
    ])
  })
})

describe('first-story', () => {
  test('takes some CPU, and is not told of a sound twin', async () => {
    expect(await storyCpuMs(retriedCharge)).toBeGreaterThan(0)
    expect(await storyCpuMs(soundTwin)).toBe(undefined)
  })

  test('is compared with a commit', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'two-generals-repository-'))
    try {
      writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
      cpSync(resolve(import.meta.dirname, '../src'), join(folder, 'src'), { recursive: true })
      const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com']
      for (const args of [
        ['init', '-q'],
        ['add', '.'],
        [...author, 'commit', '-qm', 'Sources'],
      ])
        execFileSync('git', args, { cwd: folder })

      const { value, baseline } = await against('first-story', 'HEAD', {
        repository: folder,
        pairs: 1,
        bugs: [retriedCharge],
      })

      expect(Math.min(value, baseline)).toBeGreaterThan(0)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('drift', () => {
  test('a lost reply still fails after edits that leave its message where it was', async () => {
    const drifted = await driftOf(retriedCharge, 1)
    const kept = ['an extra call before', 'another latency', 'another timeout', 'another field in the body']
    expect(drifted.filter(({ edit }) => kept.includes(edit)).map(({ edit, kind }) => [edit, kind])).toEqual(
      kept.map((edit) => [edit, 'fails']),
    )
    expect(drifted.find(({ edit }) => edit === 'a call moved into a helper service')?.kind).toBe('moved')
  })

  test('a fault whose claim names its link is moved with the claim', async () => {
    const drifted = await driftOf(unlimitedCall, 1)
    expect(drifted.find(({ edit }) => edit === 'a call moved into a helper service')?.kind).toBe('moved')
  })

  test('an operation that is a probe as well stays one operation', () => {
    const system = retriedCharge.system(false)
    const longer = unrelatedEdits['another timeout']?.({ ...system, probe: system.operations }, retriedCharge.smallest)
    expect(longer?.operations[0]?.timeout).toBe(6_000)
    expect(longer?.probe?.[0]).toBe(longer?.operations[0])
  })

  test('an edit that breaks the sound twin does not count', async () => {
    const noTwin = { ...retriedCharge, system: () => retriedCharge.system(false) }
    expect((await driftOf(noTwin, 1)).filter(({ kind }) => kind === 'fails')).toEqual([])
  })
})

describe('scale', () => {
  test('sends as many messages as it says, to every node', async () => {
    const landscape = { nodes: 20, clients: 5, messages: 400 }
    const simulation = await open(landscapeOf(landscape))
    const { events } = await historyOf(simulation, scenarioOf(landscape))
    await simulation.close()
    const sent = events.filter((event) => event.kind === 'send')
    expect(sent).toHaveLength(400)
    expect(new Set(sent.map(({ address }) => address.to)).size).toBe(20)
  })
})

describe('mutants', () => {
  test('each operator makes its mistake, in what the declaration uses and nowhere else', () => {
    const source = `
const limit = { signal: AbortSignal.timeout(5), body: '' }
const write = db.prepare('update t set v = ? where id = ? and v = ?')
export function pay(request) {
  return post(limit, { headers: { 'Idempotency-Key': request.id } })
}
async function save(one) {
  db.exec('begin immediate')
  await first(one)
  const second = await other(one)
  if (second.version !== one.version) return undefined
  write.run(one)
  try {
    db.exec('commit')
  } catch (error) {
    throw error
  }
}
export const shop = [pay, save]
export const untouched = (a) => (a === 1 ? 2 : 3)
const buy = op('buy', () => (one) => (one === 1 ? 2 : 3))`
    const lines = source.split('\n')
    const changes = mutantsOf(source, ['shop', 'buy']).map(({ operator, source: mutated }) => [
      operator,
      mutated.split('\n').flatMap((line, n) => (line === lines[n] ? [] : [line.trim()])),
    ])
    expect(Object.fromEntries(Map.groupBy(changes, ([operator]) => operator))).toMatchSnapshot()
  })

  test('a charge without its key is found, and a mutant that changes nothing is dead', async () => {
    const [charge] = examples
    if (charge === undefined) throw new Error('Bug: no example')
    const text = readFileSync(resolve(import.meta.dirname, '..', charge.file), 'utf8')
    const mutant = mutantsOf(text, charge.names).find(({ operator }) => operator === 'drop the idempotency key')
    if (mutant === undefined) throw new Error('Bug: no such mutant')
    expect(await fateOf(charge, mutant, 30)).toBe('killed')
    expect(await fateOf(charge, { ...mutant, source: text }, 30)).toBe('dead')
    expect(existsSync(resolve(import.meta.dirname, '../.mutants'))).toBe(false)
  })
})
