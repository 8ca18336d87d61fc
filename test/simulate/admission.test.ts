// Nodes with a capacity: places, the queue, who is turned away; what a crash, a pause and instances do to them; and
// that an overload which feeds itself is found.
import { describe, expect, test } from 'vitest'
import { contained } from '../../src/check/contained.ts'
import { noHang } from '../../src/check/no-hang.ts'
import { journal } from '../../src/history/effect.ts'
import { eventWords } from '../../src/history/event-words.ts'
import { historyBytes } from '../../src/history/history-bytes.ts'
import type { History } from '../../src/history/history.ts'
import { readHistory } from '../../src/read/read-history.ts'
import { storyOf } from '../../src/report/story-of.ts'
import { everyFault, listed, noFaults, singleFaults } from '../../src/scenario/plan.ts'
import type { Invocation } from '../../src/scenario/scenario.ts'
import { open } from '../../src/simulation.ts'
import type { Capacity } from '../../src/system/capacity.ts'
import type { System } from '../../src/system/system.ts'
import { serve } from '../../src/transport/serve.ts'
import {
  act,
  effectsIn,
  endOf,
  eventsOf,
  labelOf,
  nothingToJudge,
  outcomesOf,
  pause,
  runOnce,
  scenarioOf,
  under,
} from './systems.ts'

const did = journal<string>('did')

/** An operation whose name the handler records. */
const go = (name: string, limitMs = 60_000) =>
  act(name, () => fetch(`http://shop/${name}`, { method: 'POST', signal: AbortSignal.timeout(limitMs) }))

const nameOf = (request: Request): string => new URL(request.url).pathname.slice(1)

/** A shop that records what it does, and does it for so long. */
function shop(capacity: Capacity, takesMs = 0, instances = 1) {
  return serve(
    () => async (request: Request) => {
      did.add(nameOf(request))
      if (takesMs > 0) await pause(takesMs)
      return new Response()
    },
    { capacity, instances },
  )
}

function system(node: System['nodes'][string], names = ['a', 'b', 'c', 'd'], limitMs = 60_000): System {
  return { nodes: { shop: node }, operations: names.map((name) => go(name, limitMs)), invariants: [nothingToJudge] }
}

/** Every operation, each by a client of its own, one millisecond after the other. */
function oneByOne({ operations }: System): readonly Invocation[] {
  return operations.map(({ name }, id) => ({ id, operation: name, client: id, afterMs: id, input: null }))
}

async function historyOf(of: System): Promise<History> {
  return (await runOnce(of, scenarioOf(of, [], oneByOne(of)))).history
}

const didIn = (history: History): readonly string[] =>
  effectsIn(history, 'did').map(({ atMs, value }) => `${atMs} ${String(value)}`)

/** `21 waits 0`. */
const queueIn = (history: History): readonly string[] =>
  eventsOf(history, 'queue').map(({ atMs, step, ahead, left }) =>
    [atMs, step, ahead, left === true ? 'left' : undefined].filter((part) => part !== undefined).join(' '),
  )

describe('a node with a capacity', () => {
  test('works on so many requests at once, the first one first, and the work comes before the handler', async () => {
    const history = await historyOf(system(shop({ concurrent: 2, serviceMs: 100 })))

    expect(didIn(history)).toEqual(['120 a', '121 b', '220 c', '221 d'])
    expect(queueIn(history)).toEqual(['22 waits 0', '23 waits 1', '120 begins', '121 begins'])
    expect(outcomesOf(history)).toEqual(['ok', 'ok', 'ok', 'ok'])
  })

  test('holds a place while the handler waits', async () => {
    const history = await historyOf(system(shop({ concurrent: 1 }, 300), ['a', 'b']))

    expect(didIn(history)).toEqual(['20 a', '320 b'])
  })

  test('holds a place while the handler waits for another node: a slow dependency exhausts its caller', async () => {
    const bank = serve(() => () => new Response(), { capacity: { concurrent: 1, serviceMs: 1_000 } })
    const asking = serve(() => () => fetch('http://bank/'), { capacity: { concurrent: 2 } })
    const history = await historyOf({ ...system(asking, ['a', 'b', 'c']), nodes: { shop: asking, bank } })

    expect(eventsOf(history, 'queue').map(({ node, step, atMs }) => `${atMs} ${node} ${step}`)).toEqual([
      '22 shop waits',
      '41 bank waits',
      '1040 bank begins',
      '1060 shop begins',
      '1080 bank waits',
      '2040 bank begins',
    ])
  })

  test('answers 503 at once where as many wait as may, and that costs no place', async () => {
    const history = await historyOf(system(shop({ concurrent: 1, serviceMs: 100, queue: 1 })))

    expect(didIn(history)).toEqual(['120 a', '220 b'])
    expect(queueIn(history)).toEqual(['21 waits 0', '22 refused', '23 refused', '120 begins'])
    expect(outcomesOf(history)).toEqual(['info status 503', 'info status 503', 'ok', 'ok'])
    expect(JSON.stringify(history.events.find(({ kind }) => kind === 'info'))).toContain('The service cannot')
  })

  test('with a queue of 0 lets nobody wait', async () => {
    expect(queueIn(await historyOf(system(shop({ concurrent: 3, serviceMs: 100, queue: 0 }))))).toEqual(['23 refused'])
  })

  test('works also for callers that have gone', async () => {
    const history = await historyOf(system(shop({ concurrent: 1, serviceMs: 400 }), ['a', 'b', 'c'], 500))

    expect(didIn(history)).toEqual(['420 a', '820 b', '1220 c'])
    expect(queueIn(history).slice(2)).toEqual(['420 begins', '820 begins left'])
    expect(outcomesOf(history)).toEqual(['ok', 'info timeout', 'info timeout'])
  })

  test('gets a place back from a handler that throws', async () => {
    const throwing = serve(
      () => () => {
        throw new Error('broken')
      },
      { capacity: { concurrent: 1, serviceMs: 10 } },
    )

    expect(outcomesOf(await historyOf(system(throwing, ['a', 'b'])))).toEqual(['info status 500', 'info status 500'])
  })

  test('a handler that never answers keeps its place for ever, and so nobody who waits for it is answered', async () => {
    const hanging = serve(() => () => new Promise<Response>(() => undefined), { capacity: { concurrent: 1 } })
    const verdict = noHang().check(await historyOf(system(hanging, ['a', 'b'])))

    expect(verdict.kind === 'violated' ? verdict.reasons.map(({ text }) => text.slice(0, 16)) : verdict).toEqual([
      'POST /a of clien',
      'POST /b of clien',
    ])
  })

  test('each instance has places of its own', async () => {
    const history = await historyOf(system(shop({ concurrent: 1, serviceMs: 100 }, 0, 2)))

    expect(didIn(history)).toEqual(['120 a', '121 b', '220 c', '221 d'])
    expect(eventsOf(history, 'queue').map(({ instance, step }) => `${instance ?? 0} ${step}`)).toEqual([
      '1 waits',
      '2 waits',
      '1 begins',
      '2 begins',
    ])
  })

  test('nobody is told of places where all find one', async () => {
    expect(queueIn(await historyOf(system(shop({ concurrent: 4, serviceMs: 100 }))))).toEqual([])
  })

  test('is deterministic, and its histories can be saved', async () => {
    const of = system(shop({ concurrent: 1, serviceMs: 100, queue: 1 }, 30))
    const bytes = historyBytes(await historyOf(of))

    expect(historyBytes(await historyOf(of))).toBe(bytes)
    expect(historyBytes(readHistory(bytes))).toBe(bytes)
  })

  test('the story tells who waits, who is turned away, and whom nobody waits for any more', async () => {
    const of = system(shop({ concurrent: 1, serviceMs: 400, queue: 2 }), ['a', 'b', 'c', 'd'], 500)
    const scenario = scenarioOf(of, [], oneByOne(of))
    const story = storyOf((await runOnce(of, scenario)).history, scenario)

    expect(story).toContain('. POST /b waits for a place')
    expect(story).toContain('. POST /c waits for a place (1 ahead)')
    expect(story).toContain('! POST /d refused: queue full')
    expect(story).toMatch(/o POST \/c begins after 798 ms *\n.* nobody waits for it/)
  })

  test('and so does the line of a single event', async () => {
    const { events } = await historyOf(system(shop({ concurrent: 1, serviceMs: 400, queue: 1 })))

    expect(
      events.filter(({ kind }) => kind === 'queue').map((event) => eventWords(event, events).replace(/^.*shop: /, '')),
    ).toEqual([
      'the request POST /b waits for a place',
      'the request POST /c refused: queue full',
      'the request POST /d refused: queue full',
      'the request POST /b begins after 399 ms',
    ])
  })
})

describe('faults at a node with a capacity', () => {
  const of = system(shop({ concurrent: 1, serviceMs: 1_000 }), ['a', 'b', 'c'], 20_000)

  test('a crash takes places and queue with it', async () => {
    const history = await under(of, 'crash shop on reply of POST /a', oneByOne(of))

    expect(didIn(history)).toEqual(['1020 a'])
    expect(queueIn(history)).toEqual(['21 waits 0', '22 waits 1'])
    expect(outcomesOf(history)).toEqual(['info timeout', 'info timeout', 'info timeout'])
  })

  test('and the next life begins with all its places', async () => {
    const later = [...oneByOne(of).slice(0, 2), { id: 2, operation: 'c', client: 2, afterMs: 5_000, input: null }]
    const history = await under(of, 'crash shop on reply of POST /a', later)

    expect(didIn(history)).toEqual(['1020 a', '6020 c'])
  })

  test('nobody begins while a life is paused; then all go on in order', async () => {
    const history = await under(of, 'pause shop on reply of POST /a', oneByOne(of))
    const atMs = history.events.find(({ kind }) => kind === 'resume')?.atMs ?? 0

    expect(didIn(history)).toEqual(['1020 a', `${atMs + 1_000} b`, `${atMs + 2_000} c`])
  })
})

describe('an overload', () => {
  const buy = go('buy', 5_000)

  /**
   * Others ask all the time: half of what the shop can do. Impatient ones ask again three times as soon as a request
   * takes longer than half a second.
   */
  const overloaded = (impatient: boolean, capacity: Capacity): System => ({
    nodes: {
      shop: serve(() => () => new Response(), { capacity }),
      others: serve(() => {
        setInterval(() => void ask(impatient ? 4 : 1), 1_000)
        return () => new Response()
      }),
    },
    operations: [buy],
    probe: [buy],
    invariants: [contained('shop', { recoveryMs: 30_000 })],
    faultsForMs: 30_000,
  })

  async function ask(attempts: number): Promise<void> {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const answer = await fetch('http://shop/', { signal: AbortSignal.timeout(500) }).catch(() => undefined)
      if (answer?.ok === true) return
    }
  }

  const twoASecond = { concurrent: 1, serviceMs: 400, queue: 20 }

  /** How the probes end after the shop could not be reached for a while; and when the history ended, and why. */
  async function afterSlowness(of: System): Promise<{ verdict: string; end: string; probes: readonly string[] }> {
    const simulation = await open(of)
    try {
      const workload = { invocations: [{ id: 0, operation: 'buy', client: 0, afterMs: 0, input: null }] }
      const { sites } = await simulation.run({ workload, plan: noFaults, seed: 1 }, { collect: true })
      const slow = singleFaults(sites, everyFault).filter((fault) => labelOf(fault) === 'slow shop on request of GET /')
      const { history } = await simulation.run({ workload, plan: listed(slow.slice(0, 1)), seed: 1 })
      const [verdict] = of.invariants.map((invariant) => invariant.check(history).kind)
      return { verdict: verdict ?? '', end: endOf(history).reason, probes: outcomesOf(history).slice(1) }
    } finally {
      await simulation.close()
    }
  }

  test('that feeds itself goes on after the trigger has healed: nobody is answered, and it is found', async () => {
    expect(await afterSlowness(overloaded(true, twoASecond))).toEqual({
      verdict: 'violated',
      end: 'quiet',
      probes: ['info status 503', 'info timeout'],
    })
  })

  test('that feeds itself is found also where the queue grows without end', async () => {
    expect(await afterSlowness(overloaded(true, { concurrent: 1, serviceMs: 400 }))).toMatchObject({
      verdict: 'violated',
      end: 'quiet',
    })
  })

  test('that does not is over when the queue is empty', async () => {
    expect(await afterSlowness(overloaded(false, twoASecond))).toMatchObject({ verdict: 'holds', end: 'quiet' })
  })

  test('with a short queue nobody waits for longer than callers do', async () => {
    expect(await afterSlowness(overloaded(true, { ...twoASecond, queue: 0 }))).toMatchObject({ verdict: 'holds' })
  })

  test('a queue that gets shorter and shorter is no loop, however often that happens', async () => {
    const burst = system(shop({ concurrent: 1, serviceMs: 100 }), ['a'], 1_000)
    const nodes = {
      ...burst.nodes,
      others: serve(() => {
        setTimeout(() => {
          for (let n = 0; n < 50; n++) void fetch('http://shop/b', { method: 'POST' }).catch(() => undefined)
        }, 5_000)
        return () => new Response()
      }),
    }
    const history = await historyOf({ ...burst, nodes })

    expect(endOf(history).atMs).toBeGreaterThan(10_000)
    expect(eventsOf(history, 'end')[0]?.left).toBeUndefined()
  })
})
