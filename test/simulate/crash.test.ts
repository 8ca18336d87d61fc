// A crash freezes: nothing of the dead life counts any more, memory is lost, registered stores stay, the node comes
// back.
import { EventEmitter } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { journal, rows } from '../../src/history/effect.ts'
import { SetupError } from '../../src/simulate/setup-error.ts'
import { open } from '../../src/simulation.ts'
import type { System } from '../../src/system/system.ts'
import { map } from '../../src/store/map.ts'
import { serve } from '../../src/transport/serve.ts'
import { sqlite } from '../../src/store/sqlite/sqlite.ts'
import { always } from '../../src/check/always.ts'
import {
  act,
  effectsIn,
  endOf,
  eventsOf,
  node,
  nothingToJudge,
  outcomesOf,
  pause,
  post,
  runOnce,
  scenarioOf,
  under,
} from './systems.ts'

const did = journal<string>('did')

function system(parts: Pick<System, 'nodes'> & Partial<System>): System {
  return { operations: [post('go', 'http://shop/')], invariants: [nothingToJudge], ...parts }
}

function didIn(history: Parameters<typeof effectsIn>[0]): readonly unknown[] {
  return effectsIn(history, 'did').map(({ value }) => value)
}

const crashPoints = [
  'crash shop on request of POST /work',
  'crash shop on reply of POST /work',
  'crash bank on request of POST /work',
  'crash bank on reply of POST /work',
]

describe('a life that crashes', () => {
  test.each(crashPoints.slice(0, 2))('runs no catch and no finally of what it awaits: %s', async (label) => {
    const log: string[] = []
    const shop = node(async () => {
      try {
        await fetch('http://bank/work', { method: 'POST' })
        log.push('after')
      } catch {
        log.push('catch')
      } finally {
        log.push('finally')
      }
    })
    const two = system({ nodes: { shop, bank: node(() => undefined) } })
    const history = await under(two, label)
    expect(log).toEqual(['after', 'finally']) // of the perfect run
    expect(eventsOf(history, 'crash')).toMatchObject([{ node: 'shop', why: 'fault', incarnation: 1 }])
    expect(eventsOf(history, 'boot').at(-1)).toMatchObject({
      node: 'shop',
      incarnation: 2,
      atMs: label.includes('request') ? 1_020 : 1_060,
    })
    expect(endOf(history).reason).toBe('quiet')
  })

  test.each(crashPoints)('ends where the fault says: %s', async (label) => {
    const shop = node(async () => {
      await fetch('http://bank/work', { method: 'POST' }).catch(() => undefined)
    })
    const history = await under(system({ nodes: { shop, bank: node(() => did.add('work')) } }), label)
    const reached = label !== 'crash bank on request of POST /work'
    expect(didIn(history)).toEqual(reached ? ['work'] : [])
    const moments = [20, 60, 40, 40]
    expect(eventsOf(history, 'crash').map(({ atMs }) => atMs)).toEqual([moments[crashPoints.indexOf(label)]])
  })

  test('fires no timer of any sort', async () => {
    const shop = node(() => {
      setTimeout(() => did.add('timeout'), 10)
      setInterval(() => did.add('interval'), 500)
      setTimeout(() => did.add('unref'), 10).unref()
      void pause(12).then(() => did.add('awaited'))
      AbortSignal.timeout(11).addEventListener('abort', () => did.add('abort'))
      setImmediate(() => did.add('immediate'))
    })
    const one = system({ nodes: { shop } })
    expect(new Set(didIn(await under(one)))).toEqual(
      new Set(['immediate', 'timeout', 'awaited', 'abort', 'unref', 'interval']),
    )
    const history = await under(one, 'crash shop on reply of POST /')
    expect(didIn(history)).toEqual([])
    expect(endOf(history).reason).toBe('quiet')
  })

  test('sends nothing any more, not even what it issued in the same stretch', async () => {
    const seen = new Set<string>()
    const shop = node(async () => {
      const sent = fetch('http://bank/work', { method: 'POST' })
      seen.add('x')
      await fetch('http://bank/more', { method: 'POST' })
      await sent
    })
    const history = await under(
      system({ nodes: { shop, bank: node(() => did.add('work')) }, stores: [map(seen, { name: 'seen' })] }),
      'crash shop on reply of add seen',
    )
    expect(didIn(history)).toEqual([])
    expect(eventsOf(history, 'send').map(({ address }) => address.operation)).toEqual(['POST /'])
  })

  test('is a ghost for the rest of its synchronous stretch: nothing it writes, sends, logs or says counts, nothing is thrown at it', async () => {
    const seen = new Map<string, number>()
    const log: string[] = []
    const shop = node(() => {
      try {
        seen.set('a', 1)
        seen.set('b', 2)
        did.add('ghost')
        console.log('ghost')
        void fetch('http://bank/work', { method: 'POST' })
        log.push(`sees ${seen.get('b')}`)
      } catch {
        log.push('catch')
      }
    })
    const stored = rows('seen', () => [...seen])
    const history = await under(
      system({
        nodes: { shop, bank: node(() => undefined) },
        stores: [map(seen, { name: 'seen' })],
        invariants: [always('any', stored, () => true)],
        operations: [post('go', 'http://shop/', { timeout: 100 })],
      }),
      'crash shop on reply of set seen',
    )
    expect(log.at(-1)).toBe('sees 2')
    expect(history.readings.map(({ value }) => value)).toEqual([['a', 1]])
    expect(didIn(history)).toEqual([])
    expect(history.notes.filter(({ text }) => text.includes('ghost'))).toEqual([])
    expect(eventsOf(history, 'send').map(({ address }) => address.operation)).toEqual(['POST /'])
    expect(outcomesOf(history)).toEqual(['info timeout'])
  })

  test('loses memory; registered stores stay, and so does what stands at module level, which no process would keep', async () => {
    const durable = new Set<string>()
    const moduleLevel = new Set<string>()
    const shop = serve(() => {
      const memory = new Set<string>()
      return () => {
        for (const kept of [memory, durable, moduleLevel]) kept.add(`${kept.size}`)
        did.add(`memory ${memory.size}, durable ${durable.size}, module ${moduleLevel.size}`)
        return new Response()
      }
    })
    const one = system({
      nodes: { shop },
      stores: [map(durable, { name: 'durable' })],
      operations: [post('go', 'http://shop/', { retries: 1, timeout: 5_000 })],
    })
    const simulation = await open(one)
    const { sites } = await simulation.run(scenarioOf(one), { collect: true })
    moduleLevel.clear()
    const reply = sites.find(({ address }) => address.leg === 'reply' && address.operation === 'POST /')
    if (reply === undefined) throw new Error('no reply')
    const { history } = await simulation.run(
      scenarioOf(one, [{ kind: 'crash', at: reply.address, node: 'shop', restartAfterMs: 1_000 }]),
    )
    await simulation.close()
    expect(didIn(history)).toEqual(['memory 1, durable 1, module 1', 'memory 1, durable 2, module 2'])
  })
})

describe('a node that is down', () => {
  const one = system({ nodes: { shop: node(() => undefined) } })
  const during = [
    { id: 0, operation: 'go', client: 0, afterMs: 0, input: null },
    { id: 1, operation: 'go', client: 1, afterMs: 500, input: null },
    { id: 2, operation: 'go', client: 1, afterMs: 1_000, input: null },
  ]

  test('refuses connections until it is up again', async () => {
    const history = await under(one, 'crash shop on request of POST /', during)
    expect(outcomesOf(history)).toEqual(['fail refused', 'ok', 'info error'])
    expect(eventsOf(history, 'lost').map(({ why }) => why)).toContain('down')
  })

  test('is started by healing at the latest, and the planned restart is over then', async () => {
    const simulation = await open({ ...one, faultsForMs: 5_000 })
    const { sites } = await simulation.run(scenarioOf(one), { collect: true })
    const site = sites.find(({ kind }) => kind === 'call')
    if (site === undefined) throw new Error('no site')
    const { history } = await simulation.run(
      scenarioOf(one, [{ kind: 'crash', at: site.address, node: 'shop', restartAfterMs: 100_000_000 }]),
    )
    await simulation.close()
    expect(eventsOf(history, 'boot').map(({ atMs }) => atMs)).toEqual([0, 5_000])
    expect(endOf(history)).toEqual({ reason: 'quiet', atMs: 300_000 }) // the limit of the platform on the silent call
  })
})

describe('sqlite', () => {
  const db = new DatabaseSync(':memory:')
  db.exec('create table t (a text)')
  const insert = db.prepare('insert into t values (?)')
  const content = rows('t', () => db.prepare('select a from t').all())
  const readAll = [always('any', content, () => true)]
  const texts = (history: Awaited<ReturnType<typeof under>>): readonly unknown[] =>
    history.readings.map(({ value }) => (value as { readonly a: string }).a)
  const stored = (code: () => unknown): System => ({
    ...system({ nodes: { shop: node(code), bank: node(() => undefined) }, stores: [sqlite(db, { name: 'db' })] }),
    invariants: readAll,
  })

  test('what a ghost writes is undone, in a transaction of its own too', async () => {
    const history = await under(
      stored(() => {
        insert.run('before')
        insert.run('ghost')
        db.exec('begin')
        insert.run('ghost in a transaction')
        db.exec('commit')
      }),
      'crash shop on reply of insert t',
    )
    expect(texts(history)).toEqual(['before'])
  })

  test('a crash inside an open transaction takes it back, though the ghost commits', async () => {
    const history = await under(
      stored(() => {
        db.exec('begin')
        insert.run('a')
        insert.run('b')
        db.exec('commit')
      }),
      'crash shop on reply of insert t',
    )
    expect(texts(history)).toEqual([])
  })

  test('after the commit it stays', async () => {
    const history = await under(
      stored(() => {
        db.exec('begin')
        insert.run('a')
        db.exec('commit')
        insert.run('ghost')
      }),
      'crash shop on reply of commit',
    )
    expect(texts(history)).toEqual(['a'])
  })

  const across = async (): Promise<void> => {
    db.exec('begin')
    insert.run('a')
    await fetch('http://bank/work', { method: 'POST' })
    insert.run('b')
    db.exec('commit')
  }

  test('a transaction left open across an await goes with the life, and the next one starts anew', async () => {
    const retried = { ...stored(across), operations: [post('go', 'http://shop/', { retries: 1, timeout: 5_000 })] }
    expect(texts(await under(retried, 'crash shop on reply of POST /work'))).toEqual(['a', 'b'])
    expect(texts(await under(stored(across), 'crash shop on reply of POST /work'))).toEqual([])
  })

  test('a transaction that is still open when the history ends is not read', async () => {
    const history = await under(
      stored(async () => {
        db.exec('begin')
        insert.run('a')
        await new Promise(() => undefined)
      }),
    )
    expect(texts(history)).toEqual([])
    expect(outcomesOf(history)).toEqual(['info error']) // by the platform's limit
  })
})

describe('what nobody catches', () => {
  const failing: readonly (readonly [name: string, why: string, fail: () => void])[] = [
    [
      'an exception in a timer',
      'uncaught exception',
      () => {
        setTimeout(() => {
          throw new Error('boom')
        }, 5)
      },
    ],
    [
      'an exception in an interval',
      'uncaught exception',
      () => {
        setInterval(() => {
          throw new Error('boom')
        }, 5)
      },
    ],
    [
      'an exception in setImmediate',
      'uncaught exception',
      () => {
        setImmediate(() => {
          throw new Error('boom')
        })
      },
    ],
    [
      'an exception in nextTick',
      'uncaught exception',
      () => {
        process.nextTick(() => {
          throw new Error('boom')
        })
      },
    ],
    [
      'an exception in a microtask',
      'uncaught exception',
      () => {
        queueMicrotask(() => {
          throw new Error('boom')
        })
      },
    ],
    [
      'an error event without a listener',
      'uncaught exception',
      () => {
        setTimeout(() => new EventEmitter().emit('error', new Error('boom')), 5)
      },
    ],
    [
      'a rejection',
      'unhandled rejection',
      () => {
        void Promise.reject(new Error('boom'))
      },
    ],
    [
      'a rejection in a timer',
      'unhandled rejection',
      () => {
        setTimeout(() => void Promise.reject(new Error('boom')), 5)
      },
    ],
    [
      'a rejected fetch',
      'unhandled rejection',
      () => {
        void fetch('http://shop/%%', { method: 'DELETE' }).then(() => {
          throw new Error('boom')
        })
      },
    ],
  ]

  test.each(failing)('%s crashes its node, which starts again, and not the test', async (_name, why, fail) => {
    let failed = false
    const shop = serve(() => async ({ method }) => {
      if (method === 'POST' && !failed) {
        failed = true
        fail()
        await pause(200)
      }
      did.add('work')
      return new Response()
    })
    const before = listeners()
    const send = (): Promise<Response> => fetch('http://shop/', { method: 'POST' })
    // Its system resets the connection as the process ends, and no new one is taken until it has started again
    const patient = act('go', () => send().catch(() => pause(2_000).then(send)))
    const history = await under(system({ nodes: { shop }, operations: [patient] }))
    expect(listeners()).toEqual(before)
    expect(eventsOf(history, 'crash')).toMatchObject([{ node: 'shop', why }])
    expect(history.notes.map(({ text }) => text).join('\n')).toMatch(
      /^Error: boom at test\/simulate\/crash\.test\.ts:\d+$/m,
    )
    expect(eventsOf(history, 'boot').map(({ incarnation }) => incarnation)).toEqual([1, 2])
    expect(outcomesOf(history)).toEqual(['ok'])
  })

  test('of a dead life is heard by nobody', async () => {
    const shop = node(() => {
      void pause(10).then(() => {
        throw new Error('boom')
      })
    })
    const history = await under(system({ nodes: { shop } }), 'crash shop on reply of POST /')
    expect(eventsOf(history, 'crash').map(({ why }) => why)).toEqual(['fault'])
  })

  test('in a client, or in a stub, is the mistake of the test when nothing went wrong', async () => {
    const careless = act('go', async () => {
      setTimeout(() => {
        throw new Error('boom')
      }, 5)
      return fetch('http://shop/')
    })
    const run = under(system({ nodes: { shop: node(() => undefined) }, operations: [careless] }))
    await expect(run).rejects.toThrow(SetupError)
    await expect(run).rejects.toThrow(
      /^An uncaught exception in client#0: Error: boom at test\/simulate\/crash\.test\.ts:\d+\. No node runs this code: catch/,
    )
  })

  test('in a client under a fault is a note', async () => {
    const careless = act('go', async () => {
      void fetch('http://shop/', { method: 'POST' })
      await pause(100)
    })
    const history = await under(
      system({ nodes: { shop: node(() => undefined) }, operations: [careless] }),
      'refuse request of POST /',
    )
    expect(outcomesOf(history)).toEqual(['ok'])
    expect(history.notes.map(({ text }) => text)).toEqual([
      'unhandled rejection in client#0: TypeError: fetch failed (connect ECONNREFUSED 10.0.0.1:80)',
    ])
  })
})

function listeners(): unknown[][] {
  return ['uncaughtException', 'unhandledRejection'].map((event) => process.rawListeners(event))
}

describe('a factory', () => {
  test('that throws with no fault to blame is the mistake of the test', async () => {
    const failing = (boot: () => never): Promise<unknown> => runOnce(system({ nodes: { shop: serve(boot) } }))
    const text =
      'Node "shop": its factory threw Error: no config, with no fault to blame. It is called without arguments when ' +
      'the node starts: mend what it does there, such as a migration; a handler goes inside: () => handler.'
    await expect(
      failing(() => {
        throw new Error('no config')
      }),
    ).rejects.toThrow(new SetupError(text))
    await expect(
      runOnce(
        system({
          nodes: {
            shop: serve(async () => {
              throw new Error('no config')
            }),
          },
        }),
      ),
    ).rejects.toThrow(new SetupError(text))
  })

  test('that never settles is so, too', async () => {
    await expect(
      runOnce(system({ nodes: { shop: serve(() => new Promise<never>(() => undefined)) } })),
    ).rejects.toThrow(
      new SetupError(
        'Node "shop": what its factory returned never settled, so it never took a request. Let serve(async () ' +
          '=> ...) return once the node is ready.',
      ),
    )
  })

  const registering = system({
    nodes: {
      shop: serve(async () => {
        const response = await fetch('http://registry/names', { method: 'POST' })
        if (!response.ok) throw new Error('not registered')
        return () => new Response('up')
      }),
      registry: node(() => undefined),
    },
    operations: [post('go', 'http://shop/', { retries: 3, timeout: 400_000 })],
  })

  test.each(['refuse', 'error', 'throttle', 'hang', 'lose'])(
    'that fails under a fault at its first boot is tried again: %s',
    async (kind) => {
      const history = await under(registering, `${kind} request of POST /names`)
      expect(eventsOf(history, 'crash').map(({ why }) => why)).toEqual(['boot failed'])
      expect(eventsOf(history, 'boot').filter(({ node: name }) => name === 'shop')).toHaveLength(2)
      expect(endOf(history).reason).toBe('quiet')
    },
  )

  const failingAgain = (times: number): System => {
    let boots = 0
    return system({
      nodes: {
        shop: serve(() => {
          // The first two are the perfect run and the other's first
          if (++boots > 2 && boots <= 2 + times) throw new Error('disk full')
          return () => new Response('up')
        }),
      },
    })
  }

  test('that throws at a restart is tried again', async () => {
    const history = await under(failingAgain(3), 'crash shop on reply of POST /')
    expect(eventsOf(history, 'boot').map(({ atMs }) => atMs)).toEqual([0, 1_020, 2_020, 3_020, 4_020])
    expect(history.notes.filter(({ text }) => text === 'it threw Error: disk full')).toHaveLength(3)
    expect(endOf(history).reason).toBe('quiet')
  })

  test('that throws for ever after healing ends the history all the same', async () => {
    const history = await under({ ...failingAgain(Infinity), faultsForMs: 3_000 }, 'crash shop on reply of POST /')
    const [heal] = eventsOf(history, 'heal')
    expect(eventsOf(history, 'boot').filter(({ atMs }) => atMs >= (heal?.atMs ?? 0)).length).toBe(5)
    expect(endOf(history).reason).toBe('quiet')
  })
})
