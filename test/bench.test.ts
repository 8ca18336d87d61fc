// The benchmarks are measured by `npm run bench`, not here. Sampled here: that each prints what DESIGN.md says in the
// form that it says, and that what must not depend on the machine holds: determinism, and shrinking to the true
// minimum.
// @module-tag full
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { against } from './bench/against.ts'
import { alternate, quantile } from './bench/alternate.ts'
import { cellsOf } from './bench/conformance.ts'
import { Tally, crowded, onKept, repeated } from './bench/determinism.ts'
import { allScenarios, digestsOf } from './bench/determinism-scenarios.ts'
import { checkersPathological } from './bench/linearizability.ts'
import { resultLine } from './bench/result.ts'
import { shrinkBug } from './bench/shrink.ts'
import { runSuite } from './bench/suite-time.ts'
import { broken } from './bench/systems.ts'
import { direct, scenario, shop, shopSystem } from './bench/throughput-direct.ts'
import { queueSystems, storeSystems } from './bench/kept-systems.ts'
import { grownMb, overFetch, overSockets } from './bench/memory.ts'
import { handwritten, retrying, simulated } from './bench/throughput-handwritten.ts'
import { clients, overLoopback, overSimulation } from './bench/throughput-http.ts'
import { stubbed } from './bench/throughput-msw.ts'
import { readmeExample } from './bench/time-to-first-bug.ts'
import { check } from '../src/check/check.ts'
import { open } from '../src/simulation.ts'

describe('a line', () => {
  test('is one JSON object without spaces after colons, fields in order, four significant digits', () => {
    const line = resultLine({
      name: 'throughput-direct',
      value: 12_345.678,
      unit: 'histories/s',
      baseline: 20_000,
      ratio: 0.617_283_9,
      p10: 0.5,
      p90: 0.7,
    })
    expect(line).toBe(
      '{"name":"throughput-direct","value":12350,"unit":"histories/s","baseline":20000,"ratio":0.6173,"p10":0.5,"p90":0.7}',
    )
  })

  test('leaves out what was not measured in pairs', () => {
    expect(resultLine({ name: 'shrink', value: 10, unit: 'executions', baseline: 180, ratio: 1 })).toBe(
      '{"name":"shrink","value":10,"unit":"executions","baseline":180,"ratio":1}',
    )
  })
})

describe('comparing in turns', () => {
  test('gives the median ratio between its percentiles', async () => {
    const compared = await alternate(
      () => busy(2),
      () => busy(1),
      4,
    )
    expect(compared.p10).toBeLessThanOrEqual(compared.ratio)
    expect(compared.ratio).toBeLessThanOrEqual(compared.p90)
    expect(compared.ours).toBeLessThan(compared.baseline)
  })

  test('quantiles are interpolated', () => {
    expect([0, 0.1, 0.5, 0.9, 1].map((share) => quantile([5, 1, 4, 2, 3], share))).toEqual([1, 1.4, 3, 4.6, 5])
    expect(() => quantile([], 0.5)).toThrow('nothing')
  })
})

describe('comparing with a commit', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'two-generals-repository-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('runs on the sources of that commit, wherever its files stood', async () => {
    const sources = resolve(import.meta.dirname, '../src')
    write('package.json', '{ "type": "module" }')
    write('src/index.ts', `export * from '${join(sources, 'index.ts')}'\n`)
    write('src/kernel/simulation.ts', `export * from '${join(sources, 'simulation.ts')}'\n`)
    commitAll()

    const result = await against('throughput-direct', 'HEAD', { repository: folder, pairs: 2, warmUps: 0 })

    expect(result).toEqual({
      name: 'throughput-direct against HEAD',
      value: expect.any(Number),
      unit: 'histories/s of CPU',
      baseline: expect.any(Number),
      ratio: expect.any(Number),
      p10: expect.any(Number),
      p90: expect.any(Number),
    })
    expect(Math.min(result.value, result.baseline)).toBeGreaterThan(0)
  })

  test('fails where the workload does not run on those sources', async () => {
    write('package.json', '{ "type": "module" }')
    write('src/index.ts', 'export const op = 1\n')
    commitAll()

    const result = against('throughput-direct', 'HEAD', { repository: folder, pairs: 1 })

    await expect(result).rejects.toThrow('throughput-direct does not run on the sources in')
  })

  test('fails where there is no such commit', async () => {
    const result = against('throughput-direct', 'nowhere', { repository: folder, pairs: 1 })

    await expect(result).rejects.toThrow('Git cannot give the sources of commit "nowhere"')
  })

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }

  function commitAll(): void {
    const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com']
    for (const args of [
      ['init', '-q'],
      ['add', '.'],
      [...author, 'commit', '-qm', 'Sources'],
    ])
      execFileSync('git', args, { cwd: folder })
  }
})

describe('throughput-direct', () => {
  test('measures 6 round trips and 6 store calls a history, and its checkers look at something', async () => {
    const system = shopSystem(shop((url, init) => fetch(url, init)))
    const simulation = await open(system)
    const { history } = await simulation.run(scenario)
    await simulation.close()
    const count = (kind: string): number => history.events.filter((event) => event.kind === kind).length
    expect({ legs: count('send'), arrived: count('arrive'), stores: count('store'), ok: count('ok') }).toEqual({
      legs: 12,
      arrived: 12,
      stores: 6,
      ok: 3,
    })
    expect(check(history, system.invariants).map(({ kind }) => kind)).toEqual(['holds', 'holds', 'holds'])
  })

  test('its baseline carries out the same orders', async () => {
    await expect(direct()()).resolves.toBeUndefined()
  })
})

describe('throughput-handwritten', () => {
  test('both sides lose one reply, and the order is charged once', async () => {
    const hand = handwritten(shop((url, init) => fetch(url, init)))
    await hand.iterate()
    await hand.iterate()
    hand.close()
    const simulation = await open(retrying(shop((url, init) => fetch(url, init))))
    await (
      await simulated(simulation)
    )()
    await simulation.close()
  })
})

describe('throughput-http', () => {
  // Both throw where an answer is another one, and the simulated one where a leg did not arrive in the history
  test.for(Object.entries(clients))('%s makes its round trips in a history and over loopback', async ([, send]) => {
    await using inside = await overSimulation(send)
    await using outside = await overLoopback(send)
    for (const { work } of [inside, outside, inside]) await expect(work()).resolves.toBeUndefined()
  })
})

describe('throughput-msw', () => {
  test('the stub loses one reply, and its order is charged once', async () => {
    const simulation = await open(stubbed(shop((url, init) => fetch(url, init))))
    const lost = await simulated(simulation) // throws where nothing was lost, or where it was charged twice or never
    await expect(lost()).resolves.toBeUndefined()
    await simulation.close()
  })
})

describe('suite-time', () => {
  test('runs tests of Express, axios and node:sqlite, and knows what they cost', { timeout: 180_000 }, async () => {
    const { passed, wallS, cpuS } = await runSuite(['tickets', '-t', 'a primary key, one process'])
    expect(passed).toBe(1)
    expect(Math.min(wallS, cpuS)).toBeGreaterThan(0.5)
  })
})

describe('memory', () => {
  test.each([
    // A quarter of what was kept when all drawn values were (6.6 MB), and parsers of crashed servers (40 MB)
    ['fetch', overFetch, 500, 1_500, 1.6],
    ['axios and Express', overSockets, 200, 400, 10],
  ])(
    'over %s, an exploration keeps nothing of the histories that it has judged',
    { tags: ['full'], timeout: 180_000 },
    async (_, system, before, measured, mostMb) => {
      setFlagsFromString('--expose-gc') // the benchmark has it from its command line
      globalThis.gc ??= runInNewContext('gc') as typeof globalThis.gc

      const mb = await grownMb(system(), before, measured)

      expect(mb).toBeLessThan(mostMb)
    },
  )
})

describe('conformance', () => {
  test.each(['a Map', 'D1', 'SQS and Lambda', 'deliveries'])(
    '%s passes a fault of each kind, and each other kind has its reason',
    async (name) => {
      const system = await { ...storeSystems, ...queueSystems }[name]?.()
      if (system === undefined) throw new Error(`Bug: there is no ${name}`)
      const cells = await cellsOf(name, system, 1)

      expect([...cells].filter(([, passed]) => !passed)).toEqual([])
      expect(cells.size).toBeGreaterThan(15)
    },
  )

  test('a kind that does not apply and has no reason is told', async () => {
    const system = await storeSystems['a Map']?.()
    if (system === undefined) throw new Error('Bug: there is no Map')
    await expect(cellsOf('another Map', system, 1)).rejects.toThrow('Bug: close on another Map has no reason')
  })
})

describe('determinism', () => {
  test('on each store and each queue, too', { timeout: 180_000 }, async () => {
    const repeats = 5
    const told: string[] = []
    for await (const tally of onKept(repeats)) {
      const { name, value, baseline } = tally.result()
      expect({ name, value, baseline }).toEqual({ name, value: 0, baseline: 3 * repeats })
      told.push(name)
    }
    expect(told).toHaveLength(Object.keys({ ...storeSystems, ...queueSystems }).length)
  })

  test('a few repeats of every scenario, in changing order, are alike', async () => {
    const scenarios = allScenarios()
    const tally = await repeated('determinism/sample', scenarios, await digestsOf(scenarios), 5)
    expect(tally.result()).toEqual({
      name: 'determinism/sample',
      value: 0,
      unit: 'differing histories',
      baseline: 5 * scenarios.length,
      ratio: 1,
    })
  })

  test('sixteen at once on busy cores are as each alone', async () => {
    expect((await crowded(3)).result()).toMatchObject({ value: 0, baseline: 48 })
  })

  test('a difference counts', () => {
    const tally = new Tally('determinism/planted')
    tally.compareAll({ a: '1', b: '2' }, { a: '1', b: '3' })
    expect(tally.result()).toMatchObject({ value: 1, baseline: 2, ratio: 0.5 })
  })

  test('no two scenarios have one history: there is something to tell apart', async () => {
    const digests = Object.values(await digestsOf(allScenarios()))
    expect(new Set(digests).size).toBe(digests.length)
  })
})

describe('checkers-pathological', () => {
  test('histories made to explode are answered, but for a queue, which is unknown within its memory', async () => {
    const told: string[] = []
    for await (const { name, unit } of checkersPathological())
      if (unit === 'ms') told.push(name.replace('checkers-pathological/', ''))
    expect(told).toEqual([
      '50 unknown writes, all read: holds',
      '50 unknown writes, read twice: violated',
      '50 unknown writes of 2 values, one read too many: violated',
      '50 unknown appends, one text: holds',
      '50 unknown appends, a text that cannot be: violated',
      '50 unknown adds to a set, one element short: violated',
      '50 unknown enqueues, an element from nowhere: unknown',
    ])
  })
})

describe('shrink', () => {
  test.for(['naive', 'textbook-duplicate'] as const)(
    '%s: some large failures end at the true minimum, in 80 executions at the median',
    async (bug) => {
      const system = broken[bug]
      if (system === undefined) throw new Error(`Bug: no system "${bug}"`)
      const shrunk = await shrinkBug(bug, system, 5)
      expect(shrunk).toHaveLength(5)
      for (const { size, minimum } of shrunk) expect(size).toEqual(minimum)
      expect(
        quantile(
          shrunk.map(({ executions }) => executions),
          0.5,
        ),
      ).toBeLessThanOrEqual(80)
    },
  )
})

describe('time-to-first-bug', () => {
  test('finds the example in the README', () => {
    expect(readmeExample()).toContain("from 'two-generals/vitest'")
  })
})

async function busy(ms: number): Promise<void> {
  const end = performance.now() + ms
  while (performance.now() < end) await Promise.resolve()
}
