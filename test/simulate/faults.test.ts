// Every fault kind and mode has a handler that breaks under it as a single fault, and under no other. Where two modes
// look alike to everybody (silence is silence), the handler is told apart by what it wrongly concludes.
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { always } from '../../src/check/always.ts'
import { atLeastOnce } from '../../src/check/at-least-once.ts'
import { atMostOnce } from '../../src/check/at-most-once.ts'
import { boundedCall } from '../../src/check/bounded-call.ts'
import { noPhantom } from '../../src/check/no-phantom.ts'
import { journal } from '../../src/history/effect.ts'
import { faultKinds, type FaultKind } from '../../src/scenario/fault/registry.ts'
import type { Outcome } from '../../src/system/operation.ts'
import { assess } from '../../src/property.ts'
import type { System } from '../../src/system/system.ts'
import { map } from '../../src/store/map.ts'
import { serve } from '../../src/transport/serve.ts'
import { full } from '../full.ts'
import { counting, saving, settled } from './store-fault-systems.ts'
import { act, breaks, node, oneAfterTheOther, pause, post } from './systems.ts'

// Wrong conclusions: a client that takes what it saw for a definite yes or no.

type Sight =
  | 'done'
  | 'refused'
  | 'name not found'
  | 'resolver silent'
  | 'no connection'
  | 'reset'
  | 'silence'
  | 'silence, then a new incarnation'
  | Body
  | `status ${number}`
  | 'unsure'
type Body = 'a page' | 'half a body' | 'no body' | 'a broken body'

const paid = journal<string>('paid')

/** A client that pays once and concludes from what it saw; a bank that tells its incarnation. */
function believer(sight?: Sight, concluded?: Outcome): System {
  let boots = 0
  const pay = act('pay', payAndLook, {
    outcome: (seen) => (seen === sight ? concluded : undefined) ?? (seen === 'done' ? 'ok' : 'info'),
  })
  const bank = serve(() => {
    const incarnation = ++boots
    return ({ method }) => {
      if (method === 'POST') paid.add('it')
      return new Response(`life ${incarnation}`)
    }
  })
  const [done, effect] = [pay.by(() => 'it'), paid.by((value) => value)]
  return { nodes: { bank }, operations: [pay], invariants: [atLeastOnce(done, effect), noPhantom(done, effect)] }
}

const kept = new http.Agent({ keepAlive: true })

/** Pays over a connection that Node keeps. */
function keeper(concluded: Outcome = 'ok'): System {
  const system = believer()
  const pay = act('pay', payOverKept, {
    outcome: (seen) => (seen === 'hung up' ? concluded : seen === 'done' ? 'ok' : 'info'),
  })
  const [done, effect] = [pay.by(() => 'it'), paid.by((value) => value)]
  return { ...system, operations: [pay], invariants: [atLeastOnce(done, effect), noPhantom(done, effect)] }
}

async function payOverKept(): Promise<'done' | 'hung up' | 'unsure'> {
  if ((await askOverKept('GET', '/incarnation')) !== 'done') return 'unsure'
  return askOverKept('POST', '/pay')
}

function askOverKept(method: string, path: string): Promise<'done' | 'hung up' | 'unsure'> {
  return new Promise((resolve) => {
    const request = http.request(`http://bank${path}`, { agent: kept, method }, (answer) => {
      answer.on('error', () => resolve('unsure'))
      answer.on('end', () => resolve(answer.statusCode === 200 ? 'done' : 'unsure'))
      answer.resume()
    })
    request.on('error', ({ message }) => {
      resolve(request.reusedSocket && message === 'socket hang up' ? 'hung up' : 'unsure')
    })
    request.end()
  })
}

async function payAndLook(): Promise<Sight> {
  const before = await incarnation()
  if (before === undefined) return 'unsure'
  try {
    const response = await fetch('http://bank/pay', { method: 'POST' })
    return response.ok ? sightOf(await response.text()) : `status ${response.status}`
  } catch (error) {
    const { message, cause } = error as Error
    const { code } = cause as { readonly code: string }
    if (message === 'terminated') return 'a broken body'
    if (code === 'ECONNREFUSED') return 'refused'
    if (code === 'ENOTFOUND') return 'name not found'
    if (code === 'EAI_AGAIN') return 'resolver silent'
    if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'no connection'
    if (code === 'ECONNRESET') return 'reset'
    const after = await incarnation()
    return after === undefined ? 'unsure' : after === before ? 'silence' : 'silence, then a new incarnation'
  }
}

function sightOf(text: string): 'done' | Body {
  return /^life \d+$/.test(text) ? 'done' : text === '' ? 'no body' : text.startsWith('<!') ? 'a page' : 'half a body'
}

async function incarnation(): Promise<string | undefined> {
  try {
    const response = await fetch('http://bank/incarnation')
    return response.ok ? await response.text() : undefined
  } catch {
    return undefined
  }
}

const conclusions: readonly (readonly [sight: Sight, concluded: Outcome, broken: readonly string[]])[] = [
  [
    'silence',
    'ok',
    [
      'lose request of POST /pay',
      'partition client | bank both on request of POST /pay',
      'partition bank alone on request of POST /pay',
    ],
  ],
  [
    'silence',
    'fail',
    [
      'lose reply of POST /pay',
      'partition bank alone on reply of POST /pay',
      'partition client | bank in on request of POST /pay',
    ],
  ],
  [
    'refused',
    'ok',
    [
      'crash bank on reply of GET /incarnation',
      'refuse request of POST /pay',
      'deploy bank, heard of late, on request of GET /incarnation',
    ],
  ],
  ['name not found', 'ok', ['lookup request of POST /pay']],
  ['resolver silent', 'ok', ['lookup, no resolver, request of POST /pay']],
  ['no connection', 'ok', ['unreachable request of POST /pay']],
  ['status 503', 'ok', ['error request of POST /pay', 'throttle request of POST /pay']],
  ['status 503', 'fail', ['error reply of POST /pay']],
  ['status 429', 'ok', ['throttle request of POST /pay']],
  ['reset', 'ok', ['reset request of POST /pay', 'hang request of POST /pay']],
  ['reset', 'fail', ['reset reply of POST /pay', 'kill bank on reply of POST /pay']],
  ['a broken body', 'fail', ['reset in the body of reply of POST /pay']],
  ['a page', 'fail', ['html body of POST /pay']],
  ['half a body', 'fail', ['truncated body of POST /pay']],
  ['no body', 'fail', ['empty body of POST /pay']],
  ['silence, then a new incarnation', 'ok', ['crash bank on request of POST /pay']],
  ['silence, then a new incarnation', 'fail', ['crash bank on reply of add paid', 'crash bank on reply of POST /pay']],
]

describe('a client that takes', () => {
  test('the end of a kept connection for a yes is wrong as it is closed, and for a no never', async () => {
    expect(await breaks(keeper('ok'))).toEqual(['close request of POST /pay'])
    expect(await breaks(keeper('info'))).toEqual([])
    expect(await breaks(keeper('fail'))).toEqual([])
  })

  test.each(conclusions)('%s for %s is wrong under: %s', async (sight, concluded, broken) => {
    expect(await breaks(believer(sight, concluded))).toEqual(broken)
  })

  test.each<Sight>(['refused', 'name not found', 'resolver silent', 'no connection', 'status 429'])(
    '%s for a no is right under every single fault',
    async (sight) => {
      expect(await breaks(believer(sight, 'fail'))).toEqual([])
    },
  )

  test('everything but an answer for unknown is right under every single fault', async () => {
    expect(await breaks(believer())).toEqual([])
  })
})

// Wrong assumptions: a handler that needs the network to be kind in one way.

const written = journal<number>('written')
const shown = journal<number>('shown')
const entered = journal<string>('entered')
const ledger = journal<'debit' | 'credit'>('ledger')

const ascending = (values: readonly number[]): boolean =>
  values.every((value, index) => index === 0 || value >= (values[index - 1] ?? value))
const oncePerKey = atMostOnce(entered.by((value) => value))

/** The last write to arrive wins; each attempt carries the time it was made. */
function lastWriteWins(): System {
  const set = act('set', () => fetch('http://shop/set', { method: 'POST', body: String(Date.now()) }), {
    retries: 2,
    timeout: 1_000,
  })
  const shop = serve(() => async (request) => {
    written.add(Number(await request.text()))
    return new Response()
  })
  return { nodes: { shop }, operations: [set], invariants: [always('writes come in order', written, ascending)] }
}

/** Reads twice at once and shows whatever comes last. */
function hedgedRead(): System {
  const shop = serve(() => async () => {
    const read = async (): Promise<void> => {
      const response = await fetch('http://replica/version')
      const text = await response.text()
      if (/^\d{4,}$/.test(text)) shown.add(Number(text))
    }
    await Promise.allSettled([read(), pause(60).then(read)])
    return new Response()
  })
  let boots = 0
  const replica = serve(() => {
    let version = ++boots * 1_000 // later lives go on above
    return () => new Response(String(++version))
  })
  return {
    nodes: { shop, replica },
    operations: [post('look', 'http://shop/')],
    invariants: [always('the screen never goes back', shown, ascending)],
  }
}

/** Looks whether the order is known, waits, and enters it. */
function checkThenAct(): System {
  const seen = new Set<string>()
  const shop = node(async () => {
    if (seen.has('order')) return
    await pause(15)
    seen.add('order')
    entered.add('order')
  })
  return {
    nodes: { shop },
    stores: [map(seen, { name: 'seen' })],
    operations: [post('order', 'http://shop/', { retries: 2, timeout: 1_000 })],
    invariants: [oncePerKey],
  }
}

/** Joins an order that is being worked on, and forgets it once it is answered. PUT: the network may repeat it. */
function inFlightOnly(): System {
  const shop = serve(() => {
    const inFlight = new Map<string, Promise<void>>()
    const work = async (): Promise<void> => {
      await pause(15)
      entered.add('order')
      inFlight.delete('order')
    }
    return async () => {
      const before = inFlight.get('order') ?? work()
      inFlight.set('order', before)
      await before
      return new Response()
    }
  })
  return {
    nodes: { shop },
    operations: [act('order', () => fetch('http://shop/', { method: 'PUT' }))],
    invariants: [oncePerKey],
  }
}

/** Remembers in memory what it has done. */
function memoryOnly(): System {
  const shop = serve(() => {
    const seen = new Set<string>()
    return () => {
      if (!seen.has('order')) entered.add('order')
      seen.add('order')
      return new Response()
    }
  })
  return {
    nodes: { shop },
    operations: [post('order', 'http://shop/', { retries: 2, timeout: 5_000 })],
    invariants: [oncePerKey],
  }
}

/** Debits one account, then credits the other, each in a store of its own. */
function twoWrites(): System {
  const [debits, credits] = [new Set<string>(), new Set<string>()]
  const bank = node(() => {
    debits.add('a')
    ledger.add('debit')
    credits.add('b')
    ledger.add('credit')
  })
  return {
    nodes: { bank },
    stores: [map(debits, { name: 'debits' }), map(credits, { name: 'credits' })],
    operations: [post('transfer', 'http://bank/transfer')],
    invariants: [balanced],
  }
}

/** At the end: as many debits as credits. */
const balanced: System['invariants'][number] = {
  kind: 'invariant',
  name: 'balanced',
  effects: [ledger.source],
  check({ events }) {
    const count = (name: string): number =>
      events.filter((event) => event.kind === 'store' && event.address.operation === `add ${name}`).length
    const equal = count('debits') === count('credits')
    return equal
      ? { kind: 'holds', reasons: [] }
      : { kind: 'violated', reasons: [{ text: 'money is gone', kind: 'custom', of: 'gone', events: [] }] }
  },
}

/** Nobody limits how long the caller waits. */
function patient(): System {
  return {
    nodes: { shop: node(() => undefined) },
    operations: [post('buy', 'http://shop/')],
    invariants: [boundedCall(400_000)],
    faultsForMs: 500_000, // a lost message ends by the platform's limit of 300 s, a hung connection only by healing
  }
}

/** Waits for two seconds at most: for a status, or for all of an answer. */
function reader(waitsFor: 'a status' | 'a body'): System {
  const read = act('read', async () => {
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(), 2_000)
    const response = await fetch('http://shop/', { signal: limit.signal })
    if (waitsFor === 'a status') clearTimeout(timer)
    const text = await response.text()
    clearTimeout(timer)
    return text
  })
  const shop = serve(() => () => new Response('a list of all that there is'))
  return { nodes: { shop }, operations: [read], invariants: [boundedCall(5_000)] }
}

const givenUp = journal<string>('given up')

/** Reads a list of so many bytes, within five seconds, and gives up where three times not all of it came by then. */
function listing(bytes: number): System {
  const read = act('read', async () => {
    for (let attempt = 1; attempt <= 3; attempt++) {
      const response = await fetch('http://shop/', { signal: AbortSignal.timeout(5_000) }).catch(() => undefined)
      if (response === undefined) return
      if ((await response.text().catch(() => undefined)) !== undefined) return
    }
    givenUp.add('it')
  })
  return {
    nodes: { shop: serve(() => () => new Response('x'.repeat(bytes))) },
    operations: [read],
    invariants: [always('nobody gives up', givenUp, (times) => times.length === 0)],
  }
}

const stopped = journal<string>('stopped')

/** Stops half-way once nobody waits. */
function stoppedHalfway(): System {
  const shop = serve(() => async ({ signal }) => {
    await pause(30)
    if (signal.aborted) stopped.add('half-way')
    return new Response()
  })
  return {
    nodes: { shop },
    operations: [post('buy', 'http://shop/')],
    invariants: [always('nobody stops half-way', stopped, (times) => times.length === 0)],
  }
}

/** Stamps by wall clock as it stood at boot, and trusts that the clocks of two nodes agree. */
function stamps(): System {
  const stamping = (): ReturnType<typeof serve> =>
    serve(() => {
      const bootedAt = Date.now() - performance.now()
      return () => {
        written.add(bootedAt + performance.now())
        return new Response()
      }
    })
  return {
    nodes: { left: stamping(), right: stamping() },
    operations: [
      post('write-left', 'http://left/'),
      post('write-right', 'http://right/'),
      post('write-left-again', 'http://left/'),
    ],
    invariants: [always('later writes carry later stamps', written, ascending)],
  }
}

/** Tries with limits that grow, and takes lasting silence for a death, after which nothing can have been done. */
function undertaker(concluded: Outcome): System {
  const pay = act(
    'pay',
    async () => {
      for (const limitMs of [1_000, 2_000, 4_000]) {
        try {
          return (await fetch('http://bank/pay', { method: 'POST', signal: AbortSignal.timeout(limitMs) })).ok
            ? 'done'
            : 'unsure'
        } catch (error) {
          if ((error as Error).name !== 'TimeoutError') return 'unsure'
        }
      }
      return 'dead'
    },
    { outcome: (seen) => (seen === 'dead' ? concluded : seen === 'done' ? 'ok' : 'info') },
  )
  const [done, effect] = [pay.by(() => 'it'), paid.by((value) => value)]
  return {
    nodes: { bank: node(() => paid.add('it')) },
    operations: [pay],
    invariants: [atLeastOnce(done, effect), noPhantom(done, effect)],
  }
}

const took = journal<number>('took')

/** Asks twice, without a limit, and writes down how long each answer took. */
function stopwatch(invariant: System['invariants'][number]): System {
  const shop = node(async () => {
    for (let time = 0; time < 2; time++) {
      const startedAt = performance.now()
      const response = await fetch('http://replica/version').catch(() => undefined)
      if (response?.ok === true) took.add(performance.now() - startedAt)
    }
  })
  return {
    nodes: { shop, replica: node(() => undefined) },
    operations: [post('look', 'http://shop/')],
    invariants: [invariant],
  }
}

const withinBudget = always(
  'one of two answers comes within 9 s',
  took,
  (times) => times.length < 2 || times.some((ms) => ms < 9_000),
)
const usualMs = 40
const steady = always(
  'of two answers one takes its usual time, or both the same',
  took,
  ([first = usualMs, second = usualMs]) => first === usualMs || second === usualMs || first === second,
)

/** Each of two writers writes once, and the later write has to win. */
function twoWriters(): System {
  const write = (value: number): ReturnType<typeof act> =>
    act(`write-${value}`, () => fetch('http://shop/set', { method: 'POST', body: String(value) }))
  const shop = serve(() => async (request) => {
    written.add(Number(await request.text()))
    return new Response()
  })
  return {
    nodes: { shop },
    operations: [write(1), write(2)],
    invariants: [always('writes come in order', written, ascending)],
  }
}

const granted = journal<number>('granted')
const denied = journal<boolean>('denied')

/** A lease that is measured by the wall clock. It outlives a crash. */
function lease(leaseMs: number, waitMs: number, invariant: System['invariants'][number]): System {
  const until = new Map<string, number>()
  const locks = node(() => {
    if (Date.now() < (until.get('lease') ?? 0)) denied.add(performance.now() - (heldSince.get('lease') ?? 0) < leaseMs)
    else {
      until.set('lease', Date.now() + leaseMs)
      heldSince.set('lease', performance.now())
      granted.add(performance.now())
    }
  })
  // The true time, for the judge: no store, so that the adversary does not see it
  const heldSince = new Map<string, number>()
  const later = async (): Promise<Response> => {
    await pause(waitMs)
    return fetch('http://locks/take', { method: 'POST' })
  }
  return {
    nodes: { locks },
    stores: [map(until, { name: 'until' })],
    operations: [post('take', 'http://locks/take'), act('take-later', later)],
    invariants: [invariant],
  }
}

const sent = journal<number>('sent')

/** Sends three messages a second apart, by timers that are armed in advance. */
function armedInAdvance(): System {
  const shop = serve(() => {
    let started = false
    return () => {
      if (!started) for (const ms of [1_000, 2_000, 3_000]) setTimeout(() => sent.add(performance.now()), ms)
      started = true
      return new Response()
    }
  })
  const apart = (times: readonly number[]): boolean =>
    times.every((time, index) => index === 0 || time - (times[index - 1] ?? 0) >= 500)
  return {
    nodes: { shop },
    operations: [post('start', 'http://shop/')],
    invariants: [always('messages are sent apart', sent, apart)],
  }
}

const worked = journal<string>('worked')

/** Hands over at SIGTERM what it goes on with. */
function handedOver(): System {
  const shop = serve(() => {
    let underWay = 0
    process.on('SIGTERM', () => {
      if (underWay > 0) worked.add('it')
    })
    return async () => {
      underWay += 1
      await pause(1_000)
      worked.add('it')
      underWay -= 1
      return new Response()
    }
  })
  return {
    nodes: { shop },
    operations: [post('work', 'http://shop/')],
    invariants: [atMostOnce(worked.by((value) => value))],
  }
}

const slept = journal<number>('slept')

/** Waits a second by timer, and looks at the wall clock. */
function mixedClocks(): System {
  const shop = node(async () => {
    const before = Date.now()
    await pause(1_000)
    slept.add(Date.now() - before)
  })
  return {
    nodes: { shop },
    operations: [post('sleep', 'http://shop/')],
    invariants: [always('a second is a second', slept, (times) => times.every((ms) => ms < 1_050))],
  }
}

const hourMs = 3_600_000
const neverTwoHolders = always('one holder an hour', granted, (times) =>
  times.every((time, index) => index === 0 || time - (times[index - 1] ?? 0) >= hourMs),
)

/**
 * A pause makes a message late, gathers retries, and two lives of one memory: what breaks under those breaks under it.
 * Told apart in pause.test.ts.
 */
describe('a handler that breaks under one kind of single fault, and where a pause amounts to it:', () => {
  const assumptions: readonly (readonly [why: string, system: () => System, broken: readonly string[]])[] = [
    [
      'the last write wins',
      lastWriteWins,
      [
        'delay request of POST /set',
        'pause shop on request of POST /set',
        'pause shop, replaced, on request of POST /set',
        'trickle request of POST /set',
      ],
    ],
    [
      'a hedged read shows what comes last',
      hedgedRead,
      [
        'delay reply of GET /version',
        'latency shop replica on request of GET /version',
        'pause replica, replaced, on reply of GET /version',
        'pause replica, replaced, on request of GET /version',
        'trickle reply of GET /version',
      ],
    ],
    [
      'check, then act',
      checkThenAct,
      [
        'duplicate overlapping of POST /',
        'pause shop on request of POST /',
        'pause shop, replaced, on reply of has seen',
      ],
    ],
    ['only requests in flight are deduplicated', inFlightOnly, ['duplicate after the reply of PUT /']],
    [
      'deduplication in memory',
      memoryOnly,
      [
        'crash shop on reply of add entered',
        'crash shop on reply of POST /',
        'pause shop, replaced, on reply of POST /',
        'pause shop, replaced, on request of POST /',
      ],
    ],
    [
      'two writes without a transaction',
      twoWrites,
      ['crash bank on reply of add debits', 'crash bank on reply of add ledger'],
    ],
    ['no time limit on a call', patient, ['hang request of POST /']],
    ['the work stops as nobody waits for it', stoppedHalfway, ['leave request of POST /']],
    [
      'lasting silence is a death, and a death is a no',
      () => undertaker('fail'),
      ['partition bank alone on reply of POST /pay', 'partition client | bank in on request of POST /pay'],
    ],
    ['lasting silence is a yes', () => undertaker('ok'), ['partition client | bank both on request of POST /pay']],
    [
      'a second answer comes within a budget',
      () => stopwatch(withinBudget),
      ['slow replica on request of GET /version'],
    ],
    ['answers take the same time', () => stopwatch(steady), ['latency shop replica on request of GET /version']],
    ['a large list comes within a limit', () => listing(1_000_000), ['narrow link client shop on reply of GET /']],
    ['a list of a page comes within a limit', () => listing(60_000), []],
    [
      'timers that are armed in advance come apart',
      armedInAdvance,
      [
        'pause shop on reply of POST /',
        'pause shop, replaced, on reply of POST /',
        'pause shop on reply of add sent',
        'pause shop, replaced, on reply of add sent',
      ],
    ],
    [
      'how long is told by one clock and measured by the other',
      mixedClocks,
      ['drift shop slow', 'drift shop slow on request of POST /', 'jump forward shop later on request of POST /'],
    ],
    ['clocks of two nodes are compared', stamps, ['skew left', 'skew right']],
    [
      'a lease of an hour by the wall clock',
      () => lease(hourMs, 1_000, neverTwoHolders),
      ['jump forward locks on request of POST /take', 'jump forward locks later on request of POST /take'],
    ],
    [
      'a lease of a second by the wall clock',
      () =>
        lease(
          1_000,
          2_000,
          always('an expired lease is free', denied, (rightly) => rightly.every(Boolean)),
        ),
      [
        'jump back locks on request of POST /take',
        'jump back locks on reply of POST /take',
        'jump back locks later on request of POST /take',
      ],
    ],
  ]
  test.each(assumptions)('%s', async (_why, system, broken) => {
    expect(await breaks(system())).toEqual(broken)
  })
})

test.each([30, 1_000])(
  'a delay lets a message arrive after the next one on its link, %d ms later: reorder is delay',
  async (afterMs) => {
    const byTwoClients = oneAfterTheOther('write-1', 'write-2').map((invocation) => ({
      ...invocation,
      client: invocation.id,
      afterMs: invocation.id * afterMs,
    }))
    expect(await breaks(twoWriters(), byTwoClients)).toEqual(expect.arrayContaining(['delay request of POST /set']))
  },
)

const folder = mkdtempSync(join(tmpdir(), 'two-generals-faults-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0

describe('the claim limits the adversary', () => {
  const broken: { readonly [K in FaultKind]: () => System } = {
    lose: () => believer('silence', 'fail'),
    duplicate: checkThenAct,
    crash: memoryOnly,
    delay: lastWriteWins,
    error: () => believer('status 503', 'fail'),
    reset: () => believer('reset', 'fail'),
    close: keeper,
    garble: () => believer('a page', 'fail'),
    trickle: () => reader('a status'),
    leave: stoppedHalfway,
    partition: () => undertaker('fail'),
    slow: () => stopwatch(withinBudget),
    latency: () => stopwatch(steady),
    refuse: () => believer('refused', 'ok'),
    lookup: () => believer('name not found', 'ok'),
    unreachable: () => believer('no connection', 'ok'),
    throttle: () => believer('status 429', 'ok'),
    hang: patient,
    pause: armedInAdvance,
    deploy: handedOver,
    readonly: () => saving('logs'),
    stale: () => counting('at a replica'),
    unsynced: () => settled(join(folder, `${++files}.db`), 'normal'),
    jump: () => lease(hourMs, 1_000, neverTwoHolders),
    skew: stamps,
    drift: mixedClocks,
  }

  test.each(faultKinds)('tolerates: [%s] finds the handler that does not', async (kind) => {
    const assessment = await assess({ ...broken[kind](), maxOperations: 1, tolerates: [kind] }, { numRuns: 0 })
    expect(assessment.kind).toBe('violated')
    if (assessment.kind !== 'violated') return
    const { plan } = assessment.counterexample.scenario
    expect(plan.kind === 'listed' && plan.faults.map((fault) => fault.kind)).toEqual([kind])
  })

  /** What amounts to it. */
  const amountsToIt: { readonly [K in FaultKind]?: readonly FaultKind[] } = {
    lose: ['partition'],
    reset: ['crash'],
    refuse: ['crash', 'deploy'],
    duplicate: ['pause'],
    crash: ['pause'],
    delay: ['pause', 'trickle'],
    drift: ['jump'],
  }

  /** How faults end up in a run: on a leg, at a node, on its clock. The quick run takes one of each. */
  const quick: readonly FaultKind[] = ['lose', 'crash', 'skew']

  test.each(full ? faultKinds : quick)('tolerates: { except: [%s] } leaves it alone', async (kind) => {
    const assessment = await assess(
      { ...broken[kind](), maxOperations: 1, tolerates: { except: [kind, ...(amountsToIt[kind] ?? [])] } },
      { numRuns: 0 },
    )
    expect(assessment.kind === 'broken' ? assessment.text : assessment.explored.singles.violated).toBe(0)
    expect(assessment.explored.fired[kind]).toBeUndefined()
  })
})
