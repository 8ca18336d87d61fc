// Heal and drain: faults end at quiet or faultsForMs, what hangs is reset, and a history is over when nothing is left
// to do.
import { describe, expect, test } from 'vitest'
import { noHang } from '../../src/check/no-hang.ts'
import { boundedCall } from '../../src/check/bounded-call.ts'
import { check } from '../../src/check/check.ts'
import { journal } from '../../src/history/effect.ts'
import type { History } from '../../src/history/history.ts'
import type { System } from '../../src/system/system.ts'
import { act, effectsIn, endOf, eventsOf, node, outcomesOf, pause, post, under } from './systems.ts'

const did = journal<string>('did')

const call = (): Promise<Response> => fetch('http://bank/work', { method: 'POST' })

function system(parts: Partial<System>): System {
  return {
    nodes: { shop: node(() => undefined) },
    operations: [post('go', 'http://shop/')],
    invariants: [noHang()],
    ...parts,
  }
}

function healedAt(history: History): readonly number[] {
  return eventsOf(history, 'heal').map(({ atMs }) => atMs)
}

function verdict(history: History, { invariants }: System = system({})): unknown {
  return check(history, invariants).map(({ kind }) => kind)
}

test('a perfect history heals once, at quiet, and ends there', async () => {
  const history = await under(system({}))

  expect([healedAt(history), endOf(history)]).toEqual([[40], { reason: 'quiet', atMs: 40 }])
})

describe('a hung connection', () => {
  test('is reset by healing, which an open operation awaits until faultsForMs', async () => {
    const history = await under(system({}), 'hang request of POST /')

    expect([healedAt(history), outcomesOf(history), endOf(history)]).toEqual([
      [60_000],
      ['info error'],
      { reason: 'quiet', atMs: 60_000 },
    ])
    expect(eventsOf(history, 'lost').map(({ why }) => why)).toEqual(['hang', 'reset'])
    expect(verdict(history)).toEqual(['holds'])
  })

  test("that nobody's operation waits for is reset too", async () => {
    const shop = node(() => {
      call().catch((error: unknown) => did.add(String((error as Error).cause)))
    })

    const history = await under(
      system({ nodes: { shop, bank: node(() => undefined) }, faultsForMs: 7_000 }),
      'hang request of POST /work',
    )

    expect([outcomesOf(history), healedAt(history)]).toEqual([['ok'], [7_000]])
    expect(effectsIn(history, 'did')).toEqual([{ atMs: 7_000, value: 'Error: read ECONNRESET' }])
  })

  test.each([
    ['AbortSignal.timeout', () => fetch('http://bank/work', { method: 'POST', signal: AbortSignal.timeout(3_000) })],
    ['a timer', () => Promise.race([call(), pause(3_000)])],
    [
      "an unref'd timer",
      () =>
        Promise.race([
          call(),
          new Promise((resolve) => {
            setTimeout(resolve, 3_000).unref()
          }),
        ]),
    ],
  ])('is given up by %s before healing', async (_name, limited) => {
    const shop = node(async () => {
      await limited().catch(() => undefined)
    })

    const history = await under(system({ nodes: { shop, bank: node(() => undefined) } }), 'hang request of POST /work')

    expect(eventsOf(history, 'ok').map(({ atMs }) => atMs)).toEqual([3_040])
    expect(endOf(history).reason).toBe('quiet')
  })

  test('breaks a limit on the call', async () => {
    const limited = system({ invariants: [boundedCall(59_999)] })

    expect(verdict(await under(limited, 'hang request of POST /'), limited)).toEqual(['violated'])
  })
})

test.each(['lose request of POST /', 'lose reply of POST /'])(
  'the platform gives up after 300 s: %s',
  async (label) => {
    const history = await under(system({}), label)

    expect([healedAt(history), eventsOf(history, 'info').map(({ atMs }) => atMs)]).toEqual([[60_000], [300_000]])
    expect(history.notes.map(({ text }) => text)).toEqual(['TypeError: fetch failed (Headers Timeout Error)'])
    expect(verdict(history)).toEqual(['holds'])
  },
)

describe('an operation that nothing can end', () => {
  const stuck = (code: () => unknown): System => system({ operations: [act('go', () => new Promise(() => code()))] })

  test('is pending at quiet: violated', async () => {
    const history = await under(stuck(() => undefined))

    expect([endOf(history).reason, verdict(history)]).toEqual(['quiet', ['violated']])
  })

  test('is not judged while a periodic timer might still end it: unknown at the bound', async () => {
    const history = await under(system({ ...stuck(() => setInterval(() => undefined, 1_000)), recoverForMs: 20_000 }))

    expect([endOf(history), verdict(history)]).toEqual([{ reason: 'recoverForMs', atMs: 80_000 }, ['unknown']])
  })

  test('is not judged at the bound on steps', { tags: ['full'] }, async () => {
    const again = (): void => {
      setImmediate(again)
    }

    const history = await under(stuck(again))

    expect([endOf(history), verdict(history)]).toEqual([{ reason: 'maxSteps', atMs: 0 }, ['unknown']])
  })
})

describe('bounds', () => {
  test('faultsForMs is when healing begins at the latest: later faults do not happen', async () => {
    const late = system({
      operations: [
        act('go', async () => {
          await pause(5_000)
          return fetch('http://shop/')
        }),
      ],
      faultsForMs: 5_001,
    })

    expect(outcomesOf(await under(late, 'refuse request of GET /'))).toEqual(['fail refused'])
    await expect(under({ ...late, faultsForMs: 4_999 }, 'refuse request of GET /')).rejects.toThrow(
      'No single fault is',
    )
  })

  test('recoverForMs starts at healing', async () => {
    const endless = act('go', async () => {
      for (;;) await pause(7_000)
    })

    const history = await under(system({ operations: [endless], faultsForMs: 10_000, recoverForMs: 100_000 }))

    expect([healedAt(history), endOf(history)]).toEqual([[10_000], { reason: 'recoverForMs', atMs: 110_000 }])
  })

  test.each([
    [1_000, 660_000],
    [400_000, 1_400_000],
    [80_000_000, 87_000_000],
  ])('recoverForMs is twice the longest timer, at least 10 minutes, at most 24 hours: %i', async (delayMs, atMs) => {
    const endless = act('go', async () => {
      for (;;) await pause(delayMs)
    })

    // Healed at twice the longest timer, too, at most 10 minutes
    expect(endOf(await under(system({ operations: [endless] })))).toEqual({ reason: 'recoverForMs', atMs })
  })
})
