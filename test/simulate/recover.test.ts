// Recovery by hand: an operator's procedure, once all has healed and come to rest: run twice, and interrupted where the
// claim has crashes. Its faults are ordinary ones, with addresses of their own, in catalogues and saved files.
import { describe, expect, test } from 'vitest'
import { noHang } from '../../src/check/no-hang.ts'
import { journal } from '../../src/history/effect.ts'
import type { History } from '../../src/history/history.ts'
import { assess } from '../../src/property.ts'
import { storyOf } from '../../src/report/story-of.ts'
import { assertKnown } from '../../src/saved/known-names.ts'
import { decodeScenario, encodeScenario } from '../../src/scenario/codec.ts'
import { isRecovery } from '../../src/scenario/address.ts'
import { singleFaults } from '../../src/scenario/plan.ts'
import { map } from '../../src/store/map.ts'
import { open, simulate } from '../../src/simulation.ts'
import type { System } from '../../src/system/system.ts'
import { effectsIn, endOf, eventsOf, labelOf, node, pause, post, runOnce, scenarioOf, under } from './systems.ts'

const did = journal<string>('did')
const lock = new Map<string, number>()

function system(parts: Partial<System>): System {
  return {
    nodes: { shop: node(() => did.add('served')) },
    operations: [post('go', 'http://shop/')],
    invariants: [{ ...noHang(), effects: [did.by(String).source] }],
    recover: () => did.add('mended'),
    ...parts,
  }
}

/** `shop served`, `operator mended`, in order. */
function deeds(history: History): readonly string[] {
  return eventsOf(history, 'effect').map(({ node: by, value }) => `${by} ${String(value)}`)
}

async function faultsOfRecovery(given: System): Promise<readonly string[]> {
  const simulation = await open(given)
  try {
    const { sites } = await simulation.run(scenarioOf(given), { collect: true })
    const own = singleFaults(sites, simulation.claim.allowed).filter(({ at }) => isRecovery(at.root))
    return [...new Set(own.map(labelOf))]
  } finally {
    await simulation.close()
  }
}

describe('recover', () => {
  test('is run twice, after healing and quiet, and before the probes', async () => {
    const history = await under(system({ probe: [post('still', 'http://shop/')] }))

    expect(deeds(history)).toEqual(['shop served', 'operator mended', 'operator mended', 'shop served'])
    expect(eventsOf(history, 'boot').map(({ node: by, incarnation, recovers }) => [by, incarnation, recovers])).toEqual(
      [
        ['shop', 1, undefined],
        ['operator', 1, true],
        ['operator', 2, true],
      ],
    )
    expect(endOf(history)).toEqual({ reason: 'quiet', atMs: 80 })
  })

  test('is given time: what it waits for comes, and only then is it run again', async () => {
    const recover = async (): Promise<void> => {
      await pause(3_600_000)
      did.add('mended')
    }

    const history = await under(system({ recover, recoverForMs: 4_000_000 }))

    expect(effectsIn(history, 'did').map(({ atMs }) => atMs)).toEqual([20, 3_600_040, 7_200_040])
  })

  test('may be interrupted wherever it has done something, and so may a node that it calls; nothing else is wrong', async () => {
    const recover = async (): Promise<void> => {
      did.add('one')
      await fetch('http://shop/', { method: 'POST' })
    }

    expect(await faultsOfRecovery(system({ recover }))).toEqual([
      'crash operator on reply of add did',
      'crash shop on reply of add did',
      'crash shop on reply of POST /',
      'crash operator on reply of POST /',
      'crash shop on request of POST /',
      'crash operator on request of POST /',
      'kill shop on reply of POST /',
    ])
    expect(await faultsOfRecovery(system({ recover, tolerates: ['lose', 'delay', 'skew', 'pause'] }))).toEqual([])
    expect(await faultsOfRecovery(system({ recover, tolerates: { operator: ['crash'] } }))).toEqual([
      'crash operator on reply of add did',
      'crash operator on reply of POST /',
      'crash operator on request of POST /',
    ])
  })

  test('is run again from its start where it was interrupted', async () => {
    const recover = async (): Promise<void> => {
      did.add('begun')
      await pause(10)
      did.add('done')
    }

    const history = await under(system({ recover }), 'crash operator on reply of add did')

    expect(deeds(history).slice(1)).toEqual([
      ...['operator begun'],
      ...['operator begun', 'operator done'],
      ...['operator begun', 'operator done'],
    ])
    const told = storyOf(history, scenarioOf(system({})))
    for (const row of ['o runs recover', 'runs recover again, from its', 'runs recover once more'])
      expect(told).toContain(row)
  })

  test('is ended and run once more where it hangs because it was interrupted', async () => {
    const recover = async (): Promise<void> => {
      if (lock.has('held')) await new Promise<never>(() => undefined)
      lock.set('held', 1)
      await pause(10)
      lock.delete('held')
      did.add('mended')
    }

    const history = await under(system({ recover, stores: [map(lock)] }), 'crash operator on reply of set map')

    expect(deeds(history)).toEqual(['shop served'])
    expect(history.notes.filter(({ text }) => text === 'it never came to an end')).toHaveLength(2)
    expect(endOf(history).reason).toBe('quiet')
  })

  test('is begun anew after it failed, five times at most, where a fault may be to blame', async () => {
    const recover = (): void => {
      did.add('tried')
      if (lock.has('half')) throw new Error('a half-written file')
      lock.set('half', 1)
      lock.delete('half')
    }

    const history = await under(system({ recover, stores: [map(lock)] }), 'crash operator on reply of set map')

    expect(deeds(history).slice(1)).toHaveLength(1 + 5 + 5)
    expect(endOf(history).reason).toBe('quiet')
  })

  test('has faults in saved files, which are known to this system alone', async () => {
    const given = system({})
    const simulation = await open(given)
    const { sites } = await simulation.run(scenarioOf(given), { collect: true })
    const fault = singleFaults(sites, simulation.claim.allowed).find(({ at }) => isRecovery(at.root))
    await simulation.close()
    const scenario = scenarioOf(given, fault === undefined ? [] : [fault])
    const saved = decodeScenario(JSON.parse(JSON.stringify(encodeScenario(scenario))), 'x.json')

    expect(saved).toEqual(scenario)
    expect(eventsOf(await simulate(given, saved), 'fault')).toHaveLength(1)
    const { recover: _, ...nobody } = given
    const frame = { failure: 'Cannot replay x.json', advice: '' }
    expect(() => assertKnown(saved, nobody, frame)).toThrow('node "operator" is unknown')
  })

  test('that fails or never ends without any fault is a mistake in the set-up', async () => {
    const broken = async (recover: () => unknown): Promise<unknown> => runOnce(system({ recover }))

    await expect(broken(() => Promise.reject(new Error('no such table')))).rejects.toThrow(
      'recover threw Error: no such table, with no fault to blame.',
    )
    await expect(broken(() => new Promise(() => undefined))).rejects.toThrow('recover: what it returned never settled')
    await expect(broken('mend' as never)).rejects.toThrow('recover is "mend"; give the procedure as a function')
  })

  test('has a name that nobody else has', async () => {
    const nodes = { operator: node(() => undefined) }

    await expect(runOnce(system({ nodes, operations: [post('go', 'http://operator/')] }))).rejects.toThrow(
      '"operator" is who runs `recover`',
    )
  })

  test('gives the same history again, and the same assessment', async () => {
    const found = await Promise.all([1, 2].map(() => assess(system({}), { numRuns: 10 })))

    expect(found.map(({ kind }) => kind)).toEqual(['holds', 'holds'])
    expect(found[0]?.explored).toEqual(found[1]?.explored)
  })
})
