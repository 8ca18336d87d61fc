// Periodic timers: a heartbeat keeps no history alive, and a poller that has work to find is waited for.
import { describe, expect, test } from 'vitest'
import { journal } from '../../src/history/effect.ts'
import type { System } from '../../src/system/system.ts'
import { map } from '../../src/store/map.ts'
import { serve } from '../../src/transport/serve.ts'
import { act, effectsIn, endOf, eventsOf, node, nothingToJudge, outcomesOf, post, under } from './systems.ts'

const did = journal<string>('did')

function system(parts: Partial<System>): System {
  return {
    nodes: { shop: node(() => undefined) },
    operations: [post('go', 'http://shop/')],
    invariants: [nothingToJudge],
    ...parts,
  }
}

/** Ways to do something again and again, each started at boot. */
const ways: readonly (readonly [name: string, start: (tick: () => unknown) => void])[] = [
  [
    'setInterval',
    (tick) => {
      setInterval(tick, 1_000)
    },
  ],
  [
    "setInterval, unref'd",
    (tick) => {
      setInterval(tick, 1_000).unref()
    },
  ],
  [
    'a timer that arms itself first',
    (tick) => {
      const again = (): void => {
        setTimeout(again, 1_000)
        tick()
      }
      setTimeout(again, 1_000)
    },
  ],
  [
    'a timer that arms itself last',
    (tick) => {
      const again = async (): Promise<void> => {
        await tick()
        arm()
      }
      const arm = (): void => void setTimeout(() => void again(), 1_000)
      arm()
    },
  ],
  [
    'a timer that arms itself with jitter',
    (tick) => {
      const again = (): void => {
        tick()
        setTimeout(again, 800 + Math.random() * 400)
      }
      setTimeout(again, 1_000)
    },
  ],
  [
    'a timer that is refreshed',
    (tick) => {
      const timer = setTimeout(() => {
        timer.refresh()
        tick()
      }, 1_000)
    },
  ],
]

function ticking(start: (tick: () => unknown) => void, tick: () => unknown, parts: Partial<System> = {}): System {
  const shop = serve(() => {
    start(tick)
    return () => new Response()
  })
  return system({
    nodes: {
      shop,
      bank: node(() => undefined),
      slow: node(
        () =>
          new Promise((resolve) => {
            setTimeout(resolve, 30)
          }),
      ),
    },
    ...parts,
  })
}

describe('a history ends although there is', () => {
  test.each(ways)('%s', async (_name, start) => {
    const { reason, atMs } = endOf(await under(ticking(start, () => undefined)))

    expect(reason).toBe('quiet')
    expect(atMs).toBeLessThan(15_000)
  })

  test.each(ways)('%s that writes what is stored already', async (_name, start) => {
    const state = new Map<string, unknown>()
    const seen = new Set<string>()
    const write = (): void => {
      state.set('leader', { name: 'shop', terms: [1, 2] })
      seen.add('shop')
      seen.delete('bank')
    }

    const { reason, atMs } = endOf(
      await under(ticking(start, write, { stores: [map(state, { name: 'state' }), map(seen, { name: 'seen' })] })),
    )

    expect(reason).toBe('quiet')
    expect(atMs).toBeLessThan(15_000)
  })

  test.each(ways)('%s that calls another node', async (_name, start) => {
    const { reason, atMs } = endOf(await under(ticking(start, () => fetch('http://bank/beat', { method: 'POST' }))))

    expect(reason).toBe('quiet')
    expect(atMs).toBeLessThan(15_000)
  })

  test.each(ways)('%s that calls another node, which takes its time', async (_name, start) => {
    const { reason, atMs } = endOf(await under(ticking(start, () => fetch('http://slow/beat', { method: 'POST' }))))

    expect(reason).toBe('quiet')
    expect(atMs).toBeLessThan(15_000)
  })

  test('a chain of handlers on timers, none of which is periodic', async () => {
    const shop = node(async () => {
      for (const ms of [100, 100, 100, 100, 100, 100])
        await new Promise((resolve) => {
          setTimeout(resolve, ms)
        })
      did.add('done')
    })

    const history = await under(system({ nodes: { shop } }))

    expect(effectsIn(history, 'did')).toEqual([{ atMs: 620, value: 'done' }])
  })
})

describe('a history goes on until a poller has found what is left:', () => {
  const kept = ways.filter(([name]) => !name.includes('unref'))

  test.each(kept)('%s, a job that was taken into memory', async (_name, start) => {
    const history = await under({
      ...system({ faultsForMs: 5_000 }),
      operations: [
        act('go', async () => {
          await new Promise((resolve) => {
            setTimeout(resolve, 20_000)
          }) // healed, and the poller has long found nothing
          return fetch('http://shop/')
        }),
      ],
      nodes: {
        shop: serve(() => {
          const jobs: string[] = []
          start(() => {
            for (const job of jobs.splice(0)) did.add(job)
          })
          return () => {
            jobs.push('job')
            return new Response(null, { status: 202 })
          }
        }),
      },
    })

    expect(outcomesOf(history)).toEqual(['ok'])
    expect(effectsIn(history, 'did').map(({ value }) => value)).toEqual(['job'])
  })

  test.each(kept)('%s, a result that another node needs time for', async (_name, start) => {
    const worker = serve(() => {
      let done = false
      return ({ method }) => {
        if (method === 'POST')
          setTimeout(() => {
            done = true
          }, 30_000)
        return new Response(String(done))
      }
    })
    const shop = serve(() => {
      let finished = false
      start(async () => {
        const response = await fetch('http://worker/jobs')
        if (finished || (await response.text()) !== 'true') return
        finished = true
        did.add('finished')
      })
      return async () => {
        await fetch('http://worker/jobs', { method: 'POST' })
        return new Response()
      }
    })

    const history = await under(system({ nodes: { shop, worker }, faultsForMs: 5_000 }))

    expect(effectsIn(history, 'did').map(({ value }) => value)).toEqual(['finished'])
    expect(endOf(history).reason).toBe('quiet')
  })

  test.each(kept)('%s, a delivery that failed until healing', async (_name, start) => {
    const sending = (): System => {
      const shop = serve(() => {
        const outbox: string[] = []
        start(async () => {
          const [first] = outbox
          if (first === undefined) return
          const response = await fetch('http://mail/mail', { method: 'POST' }).catch(() => undefined)
          if (response?.ok === true) outbox.shift()
        })
        return () => {
          outbox.push('mail')
          return new Response(null, { status: 202 })
        }
      })
      return system({ nodes: { shop, mail: node(() => did.add('mail')) } })
    }
    for (const fault of ['refuse request', 'error request', 'lose request', 'hang request', 'crash mail on request']) {
      const history = await under(sending(), `${fault} of POST /mail`)
      expect(effectsIn(history, 'did').map(({ value }) => value)).toEqual(['mail'])
      expect(endOf(history).reason).toBe('quiet')
    }
  })

  test('an operation that polls until it is done', async () => {
    const shop = serve(() => {
      let done = false
      return ({ method }) => {
        if (method === 'POST')
          setTimeout(() => {
            done = true
          }, 45_000)
        return new Response(String(done))
      }
    })
    const poll = act('go', async () => {
      await fetch('http://shop/', { method: 'POST' })
      return new Promise((resolve) => {
        const look = async (): Promise<void> => {
          if ((await (await fetch('http://shop/')).text()) !== 'true') return
          clearInterval(timer)
          resolve('done')
        }
        const timer = setInterval(() => void look(), 1_000)
      })
    })

    const history = await under(system({ nodes: { shop }, operations: [poll] }))

    expect([outcomesOf(history), endOf(history).reason]).toEqual([['ok'], 'quiet'])
  })
})

describe("an unref'd timer", () => {
  test('of a node fires: its server keeps the process alive', async () => {
    const history = await under(
      system({
        nodes: {
          shop: node(() => {
            setTimeout(() => did.add('late'), 1_000).unref()
          }),
        },
      }),
    )

    expect([effectsIn(history, 'did'), endOf(history).atMs]).toEqual([[{ atMs: 1_020, value: 'late' }], 1_020])
  })

  test('fires all the same while an operation is open, for a server stays up', async () => {
    const shop = node(
      () =>
        new Promise((resolve) => {
          setTimeout(resolve, 1_000).unref()
        }),
    )

    const history = await under(system({ nodes: { shop } }))

    expect(eventsOf(history, 'ok').map(({ atMs }) => atMs)).toEqual([1_040])
  })

  test("counts again once it is ref'd", async () => {
    const history = await under(
      system({
        nodes: {
          shop: node(() => {
            setTimeout(() => did.add('late'), 1_000)
              .unref()
              .ref()
          }),
        },
      }),
    )

    expect(effectsIn(history, 'did')).toEqual([{ atMs: 1_020, value: 'late' }])
  })
})
