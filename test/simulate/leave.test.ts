// A client that goes away: what becomes of its operation, and what its server hears of that, and when.
import http from 'node:http'
import axios from 'axios'
import express from 'express'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { journal } from '../../src/history/effect.ts'
import { historyBytes } from '../../src/history/history-bytes.ts'
import { faultKinds } from '../../src/scenario/fault/registry.ts'
import { open } from '../../src/simulation.ts'
import type { NodeDefinition, System } from '../../src/system/system.ts'
import { actor } from '../../src/transport/actor.ts'
import { serve } from '../../src/transport/serve.ts'
import { webhook } from '../../src/transport/webhook.ts'
import {
  act,
  breaks,
  effectsIn,
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

const step = journal<string>('step')

/** A shop that is posted to, and a bank that it may call. */
function shopping(shop: System['nodes'][string], options = {}): System {
  return {
    nodes: { shop, bank: node(() => step.add('charged')) },
    operations: [post('buy', 'http://shop/', options)],
    invariants: [nothingToJudge],
  }
}

async function stepsUnder(system: System, label: string): Promise<readonly string[]> {
  const history = await under(system, label)
  return effectsIn(history, 'step').map(({ atMs, value }) => `${String(value)} ${atMs}`)
}

const leaves = 'leave request of POST /'

test('its operation ends at once, unknown, and nobody tries again', async () => {
  const history = await under(
    shopping(
      node(() => step.add('done')),
      { retries: 3, timeout: 1_000 },
    ),
    leaves,
  )
  expect(outcomesOf(history)).toStrictEqual(['info client left'])
  expect(eventsOf(history, 'attempt').length).toBe(1)
  expect(eventsOf(history, 'info').map(({ atMs }) => atMs)).toStrictEqual([0])
  expect(effectsIn(history, 'step').length).toBe(1)
})

test('it goes on with its next operation', async () => {
  const system = shopping(node(() => step.add('done')))
  const twice = [0, 1].map((id) => ({ id, operation: 'buy', client: 0, afterMs: 0, input: null }))
  expect(outcomesOf(await under(system, leaves, twice))).toStrictEqual(['info client left', 'ok'])
})

describe('the server goes on, and hears of it one leg later:', () => {
  test('the signal of a request', async () => {
    const shop = serve(() => async ({ signal }) => {
      signal.addEventListener('abort', () => step.add(`left: ${(signal.reason as Error).name}`))
      await pause(100)
      step.add('done')
      return new Response()
    })
    expect(await stepsUnder(shopping(shop), leaves)).toStrictEqual(['left: AbortError 20', 'done 120'])
    expect(await stepsUnder(shopping(shop), 'lose reply of POST /')).toStrictEqual(['done 120'])
  })

  test('a signal that is first looked at when that was heard', async () => {
    const shop = serve(() => async (request) => {
      await pause(100)
      step.add(request.signal.aborted ? 'left' : 'waits')
      return new Response()
    })
    expect(await stepsUnder(shopping(shop), leaves)).toStrictEqual(['left 120'])
    expect(await stepsUnder(shopping(shop), 'delay reply of POST /')).toStrictEqual(['waits 120'])
  })

  test('the close of the request and the response of Node', async () => {
    const shop = serve(() =>
      express().post('/', async (request, response) => {
        request.on('close', () => step.add('request closed'))
        response.on('close', () => step.add(`response closed, ended: ${response.writableEnded}`))
        await pause(100)
        step.add('done')
        response.end()
      }),
    )
    const closed = ['request closed 20', 'response closed, ended: false 20', 'done 120']
    expect(new Set(await stepsUnder(shopping(shop), leaves))).toStrictEqual(new Set(closed))
  })
})

describe('in the middle of a streamed answer', () => {
  const words = ['one ', 'two ', 'three ', 'four ']

  /** Sends a word every 100 ms, the first with its head, and stops when its client has left. */
  const servers: Readonly<Record<string, NodeDefinition>> = {
    Express: serve(() =>
      express().post('/', async (_, response) => {
        response.on('close', () => step.add(response.writableFinished ? 'complete' : 'closed'))
        for (const word of words) {
          if (response.destroyed) return
          step.add(word)
          response.write(word)
          await pause(100)
        }
        response.end()
      }),
    ),
    'a Fetch handler': serve(() => () => {
      let [sent, isLeft] = [0, false]
      return new Response(
        new ReadableStream(
          {
            async pull(controller) {
              if (sent > 0) await pause(100)
              if (isLeft) return
              const word = words[sent]
              sent += 1
              if (word === undefined) return controller.close()
              step.add(word)
              controller.enqueue(new TextEncoder().encode(word))
            },
            cancel() {
              isLeft = true
              step.add('closed')
            },
          },
          { highWaterMark: 0 },
        ),
      )
    }),
    'a Fetch handler with its signal': serve(() => ({ signal }) => {
      signal.addEventListener('abort', () => step.add('closed'))
      const send = async (controller: ReadableStreamDefaultController): Promise<void> => {
        for (const word of words) {
          if (signal.aborted) return
          step.add(word)
          controller.enqueue(new TextEncoder().encode(word))
          await pause(100)
        }
        controller.close()
      }
      return new Response(new ReadableStream<Uint8Array>({ start: (controller) => void send(controller) }))
    }),
  }

  const clients: Readonly<Record<string, () => Promise<unknown>>> = {
    fetch: () => fetch('http://shop/', { method: 'POST' }).then((answer) => answer.text()),
    axios: () => axios.post('http://shop/').then(({ data }) => data as unknown),
  }

  async function left(client: () => Promise<unknown>, shop: NodeDefinition, afterPieces: number): Promise<object> {
    const system: System = { nodes: { shop }, operations: [act('buy', client)], invariants: [nothingToJudge] }
    const { sites } = await runOnce(system, scenarioOf(system), { collect: true })
    const at = sites.find((site) => site.kind === 'call' && site.address.leg === 'reply')?.address
    if (at === undefined) throw new Error('no reply')
    const { history, fired } = await runOnce(system, scenarioOf(system, [{ kind: 'leave', at, afterPieces }]))
    expect(fired.length).toBe(1)
    return {
      outcome: [...outcomesOf(history), ...eventsOf(history, 'info').map(({ atMs }) => atMs)],
      steps: effectsIn(history, 'step').map(({ atMs, value }) => `${String(value)} ${atMs}`),
    }
  }

  describe.each(Object.entries(servers))('of %s', (_, shop) => {
    test.each(Object.entries(clients))('%s', async (__, client) => {
      expect(await left(client, shop, 0)).toStrictEqual({
        outcome: ['info client left', 40],
        steps: ['one  20', 'closed 60'],
      })
      expect(await left(client, shop, 2)).toStrictEqual({
        outcome: ['info client left', 240],
        steps: ['one  20', 'two  120', 'three  220', 'closed 260'],
      })
      // All of it is there before so many pieces have come
      const { steps } = (await left(client, shop, 9)) as { readonly steps: readonly string[] }
      expect(steps.filter((one) => one.startsWith('closed'))).toStrictEqual([])
      expect(steps).toContain('four  320')
    })
  })

  test.each(Object.entries(servers))(
    '%s: histories are alike, whatever is drawn',
    { tags: ['full'] },
    async (_, shop) => {
      const operations = Object.entries(clients).map(([name, client]) => act(name, client))
      const simulation = await open({ nodes: { shop }, operations, invariants: [nothingToJudge] })
      let inTheMiddle = 0
      for (let seed = 0; seed < 100; seed++) {
        const rates = Object.fromEntries(faultKinds.map((kind) => [kind, kind === 'leave' ? 0.3 : 0.05]))
        const plan = { kind: 'drawn', seed, maxFaults: 5, rates } as const
        const workload = { invocations: oneAfterTheOther('fetch', 'axios', 'fetch') }
        const [one, other] = [
          await simulation.run({ workload, plan, seed }),
          await simulation.run({ workload, plan, seed }),
        ]
        expect(historyBytes(other.history)).toEqual(historyBytes(one.history))
        inTheMiddle += one.fired.filter(({ kind, at }) => kind === 'leave' && at.leg === 'reply').length
      }
      await simulation.close()
      expect(inTheMiddle).toBeGreaterThan(20)
    },
  )

  test('a process that ends leaves what it reads, too; of a machine that is gone nobody hears', async () => {
    const shop = serve(() => async () => {
      const [answer] = await Promise.all([fetch('http://bank/', { method: 'POST' }), pause(150)])
      await fetch('http://other/', { method: 'POST' })
      return new Response(await answer.text())
    })
    const system: System = {
      nodes: { shop, bank: servers['Express'] as NodeDefinition, other: node(() => undefined) },
      operations: [act('buy', () => fetch('http://shop/', { method: 'POST' }))],
      invariants: [nothingToJudge],
    }
    const { sites } = await runOnce(system, scenarioOf(system), { collect: true })
    const at = sites.find((site) => site.kind === 'call' && site.address.to === 'other')?.address
    if (at === undefined) throw new Error('no call')
    const stepsOf = async (how: object): Promise<readonly string[]> => {
      const fault = { kind: 'crash', at, node: 'shop', restartAfterMs: 1_000, ...how } as const
      const { history } = await runOnce(system, scenarioOf(system, [fault]))
      return effectsIn(history, 'step').map(({ atMs, value }) => `${String(value)} ${atMs}`)
    }
    expect(await stepsOf({ how: 'exit' })).toStrictEqual(['one  40', 'two  140', 'closed 190'])
    expect(await stepsOf({})).toStrictEqual(['one  40', 'two  140', 'three  240', 'four  340', 'complete 440'])
  })

  test('an answer of which all is there has no middle', async () => {
    await expect(under(shopping(node(() => undefined)), 'leave reply of POST /')).rejects.toThrow('No single fault is')
  })

  test('its connection is closed, so that a pool has it again, and other answers go on', async () => {
    const one = new http.Agent({ keepAlive: true, maxSockets: 1 })
    const system: System = {
      nodes: { shop: servers['Express'] as NodeDefinition },
      operations: [
        act('buy', () => axios.post('http://shop/', undefined, { httpAgent: one }).then(({ status }) => status)),
      ],
      invariants: [nothingToJudge],
    }
    const twice = [0, 1].map((id) => ({ id, operation: 'buy', client: 0, afterMs: 0, input: null }))
    expect(outcomesOf(await under(system, 'leave reply of POST /', twice))).toStrictEqual(['info client left', 'ok'])
  })
})

test('its connections are closed, so that a pool has them again', async () => {
  const one = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const system: System = {
    nodes: { shop: node(() => pause(1_000)) },
    operations: [
      act('buy', () => axios.post('http://shop/', undefined, { httpAgent: one }).then(({ status }) => status)),
    ],
    invariants: [nothingToJudge],
  }
  const twice = [0, 1].map((id) => ({ id, operation: 'buy', client: 0, afterMs: 0, input: null }))
  expect(outcomesOf(await under(system, leaves, twice))).toStrictEqual(['info client left', 'ok'])
})

test('it leaves between two steps of the work, too', async () => {
  const shop = serve(() => async ({ signal }) => {
    await fetch('http://bank/charge', { method: 'POST', signal })
    await fetch('http://bank/note', { method: 'POST', signal })
    return new Response()
  })
  const system = shopping(shop)
  expect(await stepsUnder(system, leaves)).toStrictEqual(['charged 40'])
  expect(await stepsUnder(system, 'leave request of POST /charge')).toStrictEqual(['charged 40'])
  expect(await stepsUnder(system, 'leave request of POST /note')).toStrictEqual(['charged 40', 'charged 80'])
})

test('nobody leaves who has a state of its own, who is a provider, or whose operation is over', async () => {
  const phone = actor('phone', () => ({ bought: 0 }))
  const byActor: System = {
    nodes: { shop: node(() => undefined) },
    operations: [phone.op('buy', fc.constant(null), () => fetch('http://shop/', { method: 'POST' }))],
    invariants: [nothingToJudge],
  }
  await expect(under(byActor, leaves)).rejects.toThrow('No single fault is')
  const byProvider: System = {
    nodes: { shop: node(() => undefined) },
    operations: [webhook('paid', fc.constant({ id: 'a' }), { to: 'http://shop/' })],
    invariants: [nothingToJudge],
  }
  await expect(under(byProvider, leaves)).rejects.toThrow('No single fault is')
  const insisting = { ...byActor, operations: [{ ...post('buy', 'http://shop/'), atLeastOnce: true }] }
  await expect(under(insisting, leaves)).rejects.toThrow('No single fault is')
  const later = serve(() => () => {
    void pause(100).then(() => fetch('http://bank/late', { method: 'POST' }))
    return new Response()
  })
  await expect(under(shopping(later), 'leave request of POST /late')).rejects.toThrow('No single fault is')
})

test('who survives it: nobody is told, or it makes no difference; and it alone breaks who stops half-way', async () => {
  const shop = (stopsAtOnce: boolean): System => ({
    ...shopping(
      serve(() => async (request) => {
        await pause(30)
        if (stopsAtOnce && request.signal.aborted) throw new Error('nobody waits')
        step.add('done')
        return new Response()
      }),
    ),
    operations: [
      act('buy', () => fetch('http://shop/', { method: 'POST' }).then(({ status }) => status), { retries: 2 }),
    ],
    invariants: [
      {
        kind: 'invariant',
        name: 'done',
        effects: [step.source],
        check: ({ events }) =>
          events.some(({ kind }) => kind === 'effect' || kind === 'threw')
            ? events.some(({ kind }) => kind === 'effect')
              ? { kind: 'holds', reasons: [] }
              : { kind: 'violated', reasons: [{ text: 'half', kind: 'custom', of: 'half', events: [] }] }
            : { kind: 'holds', reasons: [] },
      },
    ],
  })
  expect(await breaks(shop(true))).toEqual([leaves])
  expect(await breaks(shop(false))).toEqual([])
})
