// A pause stops a life and holds what comes to it; it goes on with stale state. Replaced meanwhile, it is a zombie:
// what it does counts, and new requests go to the new incarnation.
import { describe, expect, test } from 'vitest'
import { always } from '../../src/check/always.ts'
import { journal } from '../../src/history/effect.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { historyBytes } from '../../src/history/history-bytes.ts'
import type { History } from '../../src/history/history.ts'
import type { System } from '../../src/system/system.ts'
import { map } from '../../src/store/map.ts'
import { serve } from '../../src/transport/serve.ts'
import {
  act,
  breaks,
  drawn,
  effectsIn,
  endOf,
  eventsOf,
  node,
  nothingToJudge,
  oneAfterTheOther,
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

function didIn(history: History): readonly string[] {
  return effectsIn(history, 'did').map(({ atMs, value }) => `${atMs} ${String(value)}`)
}

/** `pause shop#1 at 20`. */
function livesIn(history: History): readonly string[] {
  return history.events.flatMap((event) =>
    (event.kind === 'pause' || event.kind === 'resume' || event.kind === 'crash' || event.kind === 'boot') &&
    event.node === 'shop'
      ? [`${event.kind} #${event.incarnation} at ${event.atMs}`]
      : [],
  )
}

describe('a life that is paused', () => {
  const caller = node(async () => {
    did.add('before')
    await fetch('http://bank/work', { method: 'POST' })
    did.add('after')
  })
  const two = system({ nodes: { shop: caller, bank: node(() => did.add('work')) } })

  test.each([
    ['pause shop on request of POST /', ['10020 before', '10040 work', '10060 after'], 10_020],
    ['pause shop on reply of POST /', ['20 before', '40 work', '60 after'], 10_060],
    ['pause shop on request of POST /work', ['20 before', '40 work', '10020 after'], 10_020],
    ['pause shop on reply of POST /work', ['20 before', '40 work', '10060 after'], 10_060],
    ['pause bank on request of POST /work', ['20 before', '10040 work', '10060 after'], 10_040],
    ['pause bank on reply of POST /work', ['20 before', '40 work', '10060 after'], 10_040],
  ])('goes on where it stopped: %s', async (label, effects, resumedMs) => {
    const history = await under(two, label)
    expect(didIn(history)).toEqual(effects)
    expect(eventsOf(history, 'resume').map(({ atMs }) => atMs)).toEqual([resumedMs])
    expect(outcomesOf(history)).toEqual(['ok'])
    expect(endOf(history).reason).toBe('quiet')
  })

  test('finishes the stretch that called the store, and what it sends leaves', async () => {
    const seen = new Map<string, number>()
    const shop = node(async () => {
      seen.set('a', 1)
      did.add('same stretch')
      await fetch('http://bank/work', { method: 'POST' })
      did.add('after')
    })
    const history = await under(
      system({ nodes: { shop, bank: node(() => did.add('work')) }, stores: [map(seen, { name: 'seen' })] }),
      'pause shop on reply of set seen',
    )
    expect(didIn(history)).toEqual(['20 same stretch', '40 work', '10020 after'])
  })

  test('fires the timers that came due when it goes on, in order; one that the first clears never fires; an interval fires once', async () => {
    const shop = serve(() => () => {
      const cleared = setTimeout(() => did.add('cleared'), 3_000)
      setTimeout(() => did.add('second'), 2_000)
      setTimeout(() => {
        did.add('first')
        clearTimeout(cleared)
        setTimeout(() => did.add('later'), 500)
      }, 1_000)
      let ticks = 0
      const ticker = setInterval(() => {
        did.add(`tick at ${performance.now()}`)
        if (++ticks === 2) clearInterval(ticker)
      }, 4_000)
      return new Response()
    })
    const history = await under(system({ nodes: { shop } }), 'pause shop on reply of POST /')
    // Twice the longest timer from 20 on. The interval came due at 4,020; it comes due again 4 s after it fired.
    expect(didIn(history)).toEqual([
      '6020 first',
      '6020 second',
      '6020 tick at 6020',
      '6520 later',
      '10020 tick at 10020',
    ])
  })

  test('sees its clocks as they have gone on', async () => {
    const shop = node(async () => {
      const [wall, timer] = [Date.now(), performance.now()]
      await fetch('http://bank/work', { method: 'POST' })
      did.add(`${Date.now() - wall} ${performance.now() - timer}`)
    })
    expect(
      didIn(await under(system({ nodes: { shop, bank: node(() => undefined) } }), 'pause shop on reply of POST /work')),
    ).toEqual(['10060 10040 10040'])
  })

  test('is told once that the platform gave up on a call meanwhile', async () => {
    const shop = node(async () => {
      await fetch('http://bank/work', { method: 'POST' }).catch((error: unknown) =>
        did.add(String((error as Error).cause)),
      )
    })
    const lossy = system({ nodes: { shop, bank: node(() => undefined) }, faultsForMs: 1_000_000 })
    const { sites } = await runOnce(lossy, scenarioOf(lossy), { collect: true })
    const at = sites.find(({ address }) => address.operation === 'POST /work' && address.leg === 'request')?.address
    if (at === undefined) throw new Error('no site')
    const faults: readonly Fault[] = [
      { kind: 'lose', at },
      { kind: 'pause', at, node: 'shop', forMs: 400_000, replaced: 'no' },
    ]
    const { history } = await runOnce(lossy, scenarioOf(lossy, faults))
    expect(didIn(history)).toEqual(['400020 HeadersTimeoutError: Headers Timeout Error'])
    expect(eventsOf(history, 'lost').map(({ why, atMs }) => `${atMs} ${why}`)).toEqual([
      '20 lost',
      '300000 timeout',
      '400020 timeout',
    ])
  })

  test('takes the requests that came meanwhile when it goes on', async () => {
    const shop = node(() => did.add('work'))
    const patient = { timeout: 4_000, retries: 2 }
    const history = await under(
      system({ nodes: { shop }, operations: [post('go', 'http://shop/', patient)] }),
      'pause shop on request of POST /',
    )
    expect(livesIn(history)).toEqual(['boot #1 at 0', 'pause #1 at 20', 'resume #1 at 8020'])
    expect(didIn(history)).toEqual(['8020 work', '8020 work', '8020 work'])
  })
})

describe('a life that is replaced while it is paused', () => {
  let boots = 0
  const shop = serve(() => {
    const name = `#${++boots}`
    return async () => {
      did.add(`${name} begins`)
      await fetch('http://bank/work', { method: 'POST' })
      did.add(`${name} ends`)
      return new Response(name)
    }
  })
  const zombie = system({
    nodes: { shop, bank: node(() => undefined) },
    operations: [post('go', 'http://shop/', { timeout: 1_000, retries: 1 })],
  })

  test('goes on beside the new one; new requests go to that', async () => {
    boots = -1 // the perfect run boots once, too
    const history = await under(zombie, 'pause shop, replaced, on reply of POST /work')
    expect(livesIn(history)).toEqual(['boot #1 at 0', 'pause #1 at 60', 'boot #2 at 60', 'resume #1 at 1980'])
    expect(didIn(history)).toEqual(['20 #1 begins', '1020 #2 begins', '1060 #2 ends', '1980 #1 ends'])
    expect(outcomesOf(history)).toEqual(['ok'])
  })

  test('works on the request it had taken, with its own state', async () => {
    boots = -1
    const history = await under(zombie, 'pause shop, replaced, on request of POST /')
    expect(didIn(history)).toEqual(['1020 #2 begins', '1060 #2 ends', '2020 #1 begins', '2060 #1 ends'])
  })
})

describe('a pause, a crash and healing', () => {
  const shop = node(async () => {
    await fetch('http://bank/work', { method: 'POST' })
    did.add('after')
  })
  const two = system({ nodes: { shop, bank: node(() => undefined) }, faultsForMs: 5_000 })

  async function both(crash: 'shop' | undefined, replaced: 'no' | 'yes', forMs: number): Promise<History> {
    const { sites } = await runOnce(two, scenarioOf(two), { collect: true })
    const at = sites.find(({ address }) => address.operation === 'POST /work' && address.leg === 'request')?.address
    if (at === undefined) throw new Error('no site')
    const faults: Fault[] = [{ kind: 'pause', at, node: 'shop', forMs, replaced }]
    if (crash !== undefined)
      faults.push({ kind: 'crash', at: { ...at, leg: 'reply' }, node: crash, restartAfterMs: 500 })
    const { history } = await runOnce(two, scenarioOf(two, faults))
    expect(endOf(history).reason).toBe('quiet')
    return history
  }

  test('healing lets it go on', async () => {
    const history = await both(undefined, 'no', 60_000)
    expect(livesIn(history)).toEqual(['boot #1 at 0', 'pause #1 at 20', 'resume #1 at 5000'])
    expect(didIn(history)).toEqual(['5000 after'])
    expect(endOf(history).atMs).toBe(5_020)
  })

  test('healing lets a zombie go on', async () => {
    const history = await both(undefined, 'yes', 60_000)
    expect(livesIn(history)).toEqual(['boot #1 at 0', 'pause #1 at 20', 'boot #2 at 20', 'resume #1 at 5000'])
    expect(didIn(history)).toEqual(['5000 after'])
  })

  test('a paused life that dies wakes nobody, and is started again', async () => {
    const history = await both('shop', 'no', 60_000)
    expect(livesIn(history)).toEqual(['boot #1 at 0', 'pause #1 at 20', 'crash #1 at 60', 'boot #2 at 560'])
    expect(didIn(history)).toEqual([])
  })

  test('a request that came to a paused life is refused when that dies', async () => {
    const { sites } = await runOnce(two, scenarioOf(two), { collect: true })
    const at = sites.find(({ address }) => address.operation === 'POST /work' && address.leg === 'request')?.address
    if (at === undefined) throw new Error('no site')
    const late: System = {
      ...two,
      operations: [
        ...two.operations,
        act('late', async () => {
          await pause(30)
          return fetch('http://shop/', { method: 'POST' })
        }),
      ],
    }
    const together = [
      { id: 0, operation: 'go', client: 0, afterMs: 0, input: null },
      { id: 1, operation: 'late', client: 1, afterMs: 0, input: null },
    ]
    const faults: readonly Fault[] = [
      { kind: 'pause', at, node: 'shop', forMs: 60_000, replaced: 'no' },
      { kind: 'crash', at: { ...at, leg: 'reply' }, node: 'shop', restartAfterMs: 500 },
    ]
    const { history } = await runOnce(late, scenarioOf(late, faults, together))
    expect(outcomesOf(history)[0]).toBe('fail refused')
    expect(eventsOf(history, 'lost').map(({ why }) => why)).toContain('down')
  })

  test('a reply that was not yet on the wire is lost with the life that held it', async () => {
    const one = system({
      nodes: { shop: node(() => undefined) },
      operations: [post('go', 'http://shop/', { timeout: 2_000 })],
    })
    const { sites } = await runOnce(one, scenarioOf(one), { collect: true })
    const at = sites.find(({ address }) => address.leg === 'reply')?.address
    if (at === undefined) throw new Error('no site')
    const faults: readonly Fault[] = [
      { kind: 'pause', at, node: 'shop', forMs: 1_000, replaced: 'no' },
      { kind: 'crash', at, node: 'shop', restartAfterMs: 500, moment: 'after' },
    ]
    const { history } = await runOnce(one, scenarioOf(one, faults))
    const reply = eventsOf(history, 'send').find(({ request }) => request >= 0)
    expect(eventsOf(history, 'lost')).toMatchObject([{ cause: reply?.seq, why: 'lost', atMs: 20 }])
    expect(outcomesOf(history)).toEqual(['info timeout'])
  })

  test('a zombie that dies leaves its successor alone, and is started again beside it', async () => {
    const history = await both('shop', 'yes', 60_000)
    expect(livesIn(history)).toEqual([
      'boot #1 at 0',
      'pause #1 at 20',
      'boot #2 at 20',
      'crash #1 at 60',
      'boot #3 at 560',
    ])
  })

  test.each([500, 60_000])('what a zombie promised is done after it was started again, in %i ms', async (afterMs) => {
    const promised = new Map<string, number>()
    const promising = system({
      nodes: {
        shop: serve(() => {
          for (const name of promised.keys()) did.add(name)
          return () => {
            promised.set('work', 1)
            return new Response()
          }
        }),
      },
      stores: [map(promised, { name: 'promised' })],
      operations: [act('go', () => fetch('http://shop/', { method: 'POST' }))],
      faultsForMs: 5_000,
    })
    const { sites } = await runOnce(promising, scenarioOf(promising), { collect: true })
    const [request, reply] = (['request', 'reply'] as const).map(
      (leg) => sites.find(({ address }) => address.operation === 'POST /' && address.leg === leg)?.address,
    )
    if (request === undefined || reply === undefined) throw new Error('no site')
    const faults: readonly Fault[] = [
      { kind: 'pause', at: request, node: 'shop', forMs: 1, replaced: 'yes' },
      { kind: 'crash', at: reply, node: 'shop', restartAfterMs: afterMs, moment: 'after' },
    ]
    const { history } = await runOnce(promising, scenarioOf(promising, faults))

    expect(outcomesOf(history)).toEqual(['ok'])
    expect(livesIn(history).at(-1)).toMatch(/^boot #3 /)
    expect(didIn(history)).toHaveLength(1)
  })
})

const saved = journal<number>('saved')

/**
 * Takes a lease of two seconds, works a tenth of one, saves under its token; `fenced`: what it saves to refuses old
 * tokens.
 */
function leasing(fenced: boolean): System {
  const lease = new Map([
    ['token', 0],
    ['until', 0],
    ['seen', 0],
  ])
  const worker = serve(() => async () => {
    if (Date.now() < (lease.get('until') ?? 0)) return new Response(null, { status: 503 })
    const token = (lease.get('token') ?? 0) + 1
    lease.set('token', token)
    lease.set('until', Date.now() + 2_000)
    await pause(100)
    if (fenced && token < (lease.get('seen') ?? 0)) return new Response(null, { status: 412 })
    lease.set('seen', token)
    saved.add(token)
    return new Response()
  })
  return {
    nodes: { worker },
    stores: [map(lease, { name: 'lease' })],
    operations: [act('work', () => fetch('http://worker/', { method: 'POST' }), { timeout: 2_500, retries: 3 })],
    invariants: [
      always('tokens are used in order', saved, (tokens) =>
        tokens.every((token, index) => index === 0 || token >= (tokens[index - 1] ?? 0)),
      ),
    ],
  }
}

test('the holder of an expired lease that goes on breaks a lease, and nothing else does', async () => {
  expect(await breaks(leasing(false))).toEqual([
    'pause worker, replaced, on reply of set lease',
    'pause worker, replaced, on reply of get lease',
  ])
})

test('a fencing token survives every single fault', async () => {
  expect(await breaks(leasing(true))).toEqual([])
})

test('random pauses give the same history twice', async () => {
  const patient = { timeout: 3_000, retries: 2 }
  const busy: System = {
    ...leasing(false),
    operations: [act('work', () => fetch('http://worker/', { method: 'POST' }), patient)],
  }
  for (let seed = 0; seed < 30; seed++) {
    const scenario = {
      ...scenarioOf(busy, [], oneAfterTheOther('work', 'work')),
      plan: { ...drawn(seed, 0.2), rates: { pause: 0.3, crash: 0.1, delay: 0.1, drift: 0.5 } },
    }
    expect(historyBytes((await runOnce(busy, scenario)).history)).toBe(
      historyBytes((await runOnce(busy, scenario)).history),
    )
  }
})
