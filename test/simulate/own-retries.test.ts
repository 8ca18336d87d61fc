// A client may send more than one request in an operation: it tries again by itself, asks two nodes, reads before it
// writes. It knows that nothing was done only where every one of them was certainly refused.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ackDurable, assess, map, noPhantom, rows } from '../../src/index.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { op, type OperationOptions } from '../../src/system/operation.ts'
import type { NodeDefinition, System } from '../../src/system/system.ts'
import { actor } from '../../src/transport/actor.ts'
import { serve } from '../../src/transport/serve.ts'
import { rootOf } from '../address-of.ts'
import { act, eventsOf, nothingToJudge, outcomesOf, pause, runOnce, scenarioOf } from './systems.ts'

/** What becomes of each request in turn: a status, no answer, a broken connection, or a refused one. */
type Fate = number | 'silence' | 'reset' | 'refused' | 'half'

/** A node that answers its requests in turn, and the faults that refuse some of them. */
function answering(method: string, fates: readonly Fate[]): { node: NodeDefinition; faults: readonly Fault[] } {
  let asked = 0
  const accepted = fates.filter((fate) => fate !== 'refused')
  const handler = (): Response | Promise<Response> => {
    const fate = accepted[asked++]
    if (fate === 'silence' || fate === undefined) return new Promise(() => undefined)
    if (fate === 'reset') return Response.error()
    const none = fate === 'half' || fate === 204 || fate === 304
    const moved = { location: 'http://shop/elsewhere' }
    return new Response(none ? null : 'body', { status: fate === 'half' ? 204 : fate, headers: moved })
  }
  const faults = fates.flatMap((fate, index): readonly Fault[] =>
    fate === 'refused' ? [{ kind: 'refuse', at: requestTo('shop', `${method} /`, index + 1) }] : [],
  )
  return { node: serve(() => handler), faults }
}

function requestTo(to: string, operation: string, nth: number): Fault['at'] {
  return { root: rootOf('act#0'), path: [], from: 'client', to, operation, leg: 'request', nth }
}

async function outcomes(system: Partial<System>, faults: readonly Fault[] = []): Promise<readonly string[]> {
  const whole: System = { nodes: {}, operations: [], invariants: [nothingToJudge], ...system }
  const { history, fired } = await runOnce(whole, scenarioOf(whole, faults))
  expect(fired).toHaveLength(faults.length)
  return outcomesOf(history)
}

/** How an operation ends whose requests end in these ways, one after the other. */
function ended(
  fates: readonly Fate[],
  run: () => unknown,
  options: OperationOptions = {},
  method = 'POST',
): Promise<readonly string[]> {
  const { node, faults } = answering(method, fates)
  return outcomes({ nodes: { shop: node }, operations: [act('act', () => run(), options)] }, faults)
}

function post(path = '/', waitMs = 1_000): Promise<Response> {
  return fetch(`http://shop${path}`, { method: 'POST', body: 'x', signal: AbortSignal.timeout(waitMs) })
}

/** Tries until it is answered, three times; the last error is thrown. */
async function threeTimes(once: () => Promise<Response> = post): Promise<Response> {
  for (let tries = 1; ; tries++) {
    try {
      return await once()
    } catch (error) {
      if (tries === 3) throw error
      await pause(100)
    }
  }
}

test.each<[Fate]>([['silence'], ['reset']])('a refusal says nothing of an earlier %s', async (fate) => {
  expect(await ended([fate, 'refused', 'refused'], threeTimes)).toEqual(['info refused'])
  expect(await ended(['refused', fate, 409], threeTimes)).toEqual(['info status 409'])
  expect(await ended([fate, 422], () => post().catch(() => post()))).toEqual(['info status 422'])
})

test.each([500, 503, 408, 425, 429])('nor of an answer of %i', async (status) => {
  const again = async (): Promise<Response> => {
    const answer = await post()
    return answer.status === status ? post() : answer
  }
  expect(await ended([status, 409], again)).toEqual(['info status 409'])
  expect(await ended([status, 'refused'], again)).toEqual(['info refused'])
})

test('what was refused every time failed', async () => {
  expect(await ended(['refused', 'refused', 'refused'], threeTimes)).toEqual(['fail refused'])
  expect(await ended(['refused', 'refused', 409], threeTimes)).toEqual(['fail status 409'])
  expect(await ended([409], post)).toEqual(['fail status 409'])
  expect(await ended([401, 403], async () => ((await post()).status === 401 ? post() : undefined))).toEqual([
    'fail status 403',
  ])
})

test('what was given up before it left was never asked', async () => {
  const run = async (): Promise<Response> => {
    const stop = new AbortController()
    const first = fetch('http://shop/', { method: 'POST', signal: stop.signal }).catch(() => undefined)
    stop.abort()
    await first
    return post()
  }
  expect(await ended([409], run)).toEqual(['fail status 409'])
})

test('what is still under way may be done yet', async () => {
  expect(await ended(['silence', 409], () => Promise.any([post('/', 60_000), post()]))).toEqual(['info status 409'])
})

test('what an interval sends is part of the operation that started it', async () => {
  const run = (): Promise<Response> =>
    new Promise((resolve, reject) => {
      let asked = 0
      const timer = setInterval(() => {
        asked += 1
        const last = asked === 2
        if (last) clearInterval(timer)
        post('/', 300).then(resolve, (error: unknown) => {
          if (last) reject(error)
        })
      }, 500)
    })
  expect(await ended(['silence', 409], run)).toEqual(['info status 409'])
})

test('what a client with state sends for an operation counts as its own', async () => {
  const client = actor('sdk', () => ({ send: () => threeTimes() }))
  const sent = client.op('act', fc.constant(null), (sdk) => sdk.send())
  const { node, faults } = answering('POST', ['silence', 'refused', 'refused'])
  expect(await outcomes({ nodes: { shop: node }, operations: [sent] }, faults)).toEqual(['info refused'])
})

test('one node has done it, the other refused: the operation is half done', async () => {
  const done: NodeDefinition = serve(() => () => new Response(null, { status: 201 }))
  const { node, faults } = answering('POST', ['refused'])
  const both = act('act', async () => {
    await fetch('http://stock/', { method: 'POST' })
    return post()
  })
  expect(await outcomes({ nodes: { shop: node, stock: done }, operations: [both] }, faults)).toEqual(['info refused'])
})

test('a read that was answered before the write is none of the work', async () => {
  const stock: NodeDefinition = serve(() => () => new Response('1'))
  const readThenWrite = act('act', async () => {
    await fetch('http://stock/')
    return post()
  })
  const { node } = answering('POST', [412])
  expect(await outcomes({ nodes: { shop: node, stock }, operations: [readThenWrite] })).toEqual(['fail status 412'])
})

test('where all requests are reads, one that was answered may have done something', async () => {
  const get = async (): Promise<Response> => {
    const answer = await fetch('http://shop/')
    return (await answer.text()) === '' ? fetch('http://shop/') : answer
  }
  expect(await ended(['half', 'refused'], get, {}, 'GET')).toEqual(['info refused'])
  expect(await ended([404], get, {}, 'GET')).toEqual(['fail status 404'])
})

test('a redirect after the work says that it was done; one that asks for the same elsewhere does not', async () => {
  expect(await ended([303, 404], () => post())).toEqual(['info status 404'])
  expect(await ended([307, 404], () => post())).toEqual(['fail status 404'])
})

test("the user's own outcome is believed of the answer that it saw, and not of an earlier one", async () => {
  const outcome = (result: unknown): 'ok' | 'fail' => (result === 'declined' ? 'fail' : 'ok')
  const declined = async (): Promise<string> => {
    await post()
    return 'declined'
  }
  const again = async (): Promise<string> => {
    await post().catch(() => undefined)
    return declined()
  }
  expect(await ended([200], declined, { outcome })).toEqual(['fail'])
  expect(await ended([503], declined, { outcome })).toEqual(['fail'])
  expect(await ended([], () => 'declined', { outcome })).toEqual(['fail'])
  expect(await ended([503, 200], again, { outcome })).toEqual(['info'])
  expect(await ended(['silence', 200], again, { outcome })).toEqual(['info'])
  expect(await ended(['refused', 200], again, { outcome })).toEqual(['fail'])
})

test('an attempt says what is known of it alone, and all of them decide the operation', async () => {
  const twice = (): Promise<Response> => post().catch(() => post())
  const { node, faults } = answering('POST', ['silence', 'refused', 'refused', 'refused', 409])
  const whole: System = {
    nodes: { shop: node },
    operations: [act('act', twice, { retries: 2 })],
    invariants: [nothingToJudge],
  }
  const { history } = await runOnce(whole, scenarioOf(whole, faults))
  expect(eventsOf(history, 'attempt-end').map(({ outcome, why }) => `${outcome} ${why}`)).toEqual([
    'info refused',
    'fail refused',
  ])
  expect(outcomesOf(history)).toEqual(['info status 409'])
})

interface Put {
  readonly key: string
}

/** A store that says "there already" to what it has, and a client that tries again by itself. */
function storing(store: (kept: Map<string, 1>, key: string) => Response): System {
  const kept = new Map<string, 1>()
  const put = op('put', fc.record({ key: fc.uuid() }), ({ key }: Put) => threeTimes(() => post(`/${key}`, 300)))
  const entry = rows('entry', () => [...kept.keys()])
  const [asked, made] = [put.by(({ key }) => key), entry.by((key) => key)] as const
  return {
    nodes: { shop: serve(() => (request: Request) => store(kept, new URL(request.url).pathname.slice(1))) },
    stores: [map(kept)],
    operations: [put],
    invariants: [noPhantom(asked, made), ackDurable(asked, made)],
  }
}

function create(kept: Map<string, 1>, key: string): Response {
  if (kept.has(key)) return new Response(null, { status: 409 })
  kept.set(key, 1)
  return new Response(null, { status: 201 })
}

test('a sound store is not blamed for a client that tries again by itself', async () => {
  expect((await assess(storing(create), { seed: 1, numRuns: 20 })).kind).toBe('holds')
})

test('a store that keeps what it refuses is found behind such a client', async () => {
  const broken = storing((kept, key) => {
    const answer = create(kept, key)
    return key.startsWith('0') || answer.status === 409 ? new Response(null, { status: 409 }) : answer
  })
  expect((await assess(broken, { seed: 1, numRuns: 20, shrink: false })).kind).toBe('violated')
})
