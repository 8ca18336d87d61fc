// A narrow link: a body takes as long as it has bytes, both ways, over fetch and sockets, at once or streamed.
import http from 'node:http'
import axios from 'axios'
import express from 'express'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/check/check.ts'
import { costBudget } from '../../src/check/cost-budget.ts'
import { journal } from '../../src/history/effect.ts'
import { invocationRoot } from '../../src/scenario/address.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import type { NodeDefinition, System } from '../../src/system/system.ts'
import { serve } from '../../src/transport/serve.ts'
import { act, effectsIn, eventsOf, nothingToJudge, runOnce, scenarioOf } from './systems.ts'

const came = journal<string>('came')

/** 10 kB in a second, both ways, from the request of the operation on. */
function narrow(operation: string, leg: 'request' | 'reply' = 'request'): Fault {
  const at = { root: invocationRoot('ask', 0), path: [], from: 'client', to: 'shop', operation, leg, nth: 1 }
  return { kind: 'latency', at, typicalMs: 20, tailMs: 20, bytesPerSecond: 10_000 }
}

async function cameUnder(fault: Fault, shop: NodeDefinition, run: () => unknown): Promise<readonly string[]> {
  const system: System = {
    nodes: { shop },
    operations: [act('ask', async () => void (await run()))],
    invariants: [nothingToJudge],
  }
  const { history, fired } = await runOnce(system, scenarioOf(system, [fault]))
  expect(fired).toStrictEqual([fault])
  return effectsIn(history, 'came').map(({ atMs, value }) => `${String(value)} ${atMs}`)
}

const bytes = (count: number): string => 'x'.repeat(count)

describe.each([
  ['a fetch handler', serve(() => () => new Response(bytes(20_000)))],
  ['Express', serve(() => express().get('/', (_, response) => void response.send(bytes(20_000))))],
])('the answer of %s: its head at once, its last byte two seconds later', (_name, shop) => {
  test('fetch', async () => {
    const run = async (): Promise<void> => {
      const response = await fetch('http://shop/')
      came.add('head')
      await response.text()
      came.add('body')
    }
    expect(await cameUnder(narrow('GET /'), shop, run)).toStrictEqual(['head 40', 'body 2040'])
    expect(await cameUnder(narrow('GET /', 'reply'), shop, run)).toStrictEqual(['head 40', 'body 2040'])
  })

  test('node:http', async () => {
    const run = (): Promise<void> =>
      new Promise((resolve, reject) => {
        const request = http.get('http://shop/', (response) => {
          came.add('head')
          response.resume().on('end', () => {
            came.add('body')
            resolve()
          })
        })
        request.on('error', reject)
      })
    expect(await cameUnder(narrow('GET /'), shop, run)).toStrictEqual(['head 40', 'body 2040'])
  })

  test('axios, whose limit ends a large answer', async () => {
    const get = async (limitMs: number): Promise<void> => {
      const signal = AbortSignal.timeout(limitMs)
      came.add(await axios.get<string>('http://shop/', { signal }).then(({ data }) => `${data.length}`, String))
    }
    expect(await cameUnder(narrow('GET /'), shop, () => get(2_100))).toStrictEqual(['20000 2040'])
    expect(await cameUnder(narrow('GET /'), shop, () => get(1_900))).toStrictEqual(['CanceledError: canceled 1900'])
  })
})

test('the body of a request takes as long', async () => {
  const shop = serve(() => async (request) => {
    came.add('head')
    await request.text()
    came.add('body')
    return new Response()
  })
  const ask = (): Promise<Response> => fetch('http://shop/', { method: 'POST', body: bytes(5_000) })
  expect(await cameUnder(narrow('POST /'), shop, ask)).toStrictEqual(['head 20', 'body 520'])
})

test('a body that is streamed takes as long, piece by piece', async () => {
  const streamed = (): ReadableStream =>
    new ReadableStream({
      async start(controller) {
        for (let piece = 0; piece < 3; piece++) {
          await new Promise((resolve) => setTimeout(resolve, 100))
          controller.enqueue(new TextEncoder().encode(bytes(10_000)))
        }
        controller.close()
      },
    })
  const ask = async (): Promise<void> => {
    const response = await fetch('http://shop/')
    for await (const piece of response.body ?? []) came.add(String((piece as Uint8Array).length))
    came.add('end')
  }
  expect(
    await cameUnder(
      narrow('GET /'),
      serve(() => () => new Response(streamed())),
      ask,
    ),
  ).toStrictEqual(['10000 1140', '10000 2140', '10000 3140', 'end 3140'])
})

test('a small body comes as usual', async () => {
  const ask = async (): Promise<void> => came.add(await (await fetch('http://shop/')).text())
  expect(
    await cameUnder(
      narrow('GET /'),
      serve(() => () => new Response('hello')),
      ask,
    ),
  ).toStrictEqual(['hello 40'])
})

test('all bytes of a body that is streamed are counted, however they come', async () => {
  const pieces = (): ReadableStream =>
    new ReadableStream({
      async start(controller) {
        for (let piece = 0; piece < 3; piece++) {
          await new Promise((resolve) => setTimeout(resolve, 100))
          controller.enqueue(new TextEncoder().encode(bytes(1_000)))
        }
        controller.close()
      },
    })
  for (const shop of [serve(() => () => new Response(pieces())), serve(() => () => new Response(bytes(3_000)))]) {
    const system: System = {
      nodes: { shop },
      operations: [act('ask', async () => (await fetch('http://shop/')).text())],
      invariants: [costBudget({ bytes: 2_999 })],
    }
    for (const faults of [[], [narrow('GET /')]]) {
      const { history } = await runOnce(system, scenarioOf(system, faults))
      const [verdict] = check(history, system.invariants)
      expect(verdict).toMatchObject({ kind: 'violated', reasons: [{ kind: 'too-many-bytes' }] })
      expect(eventsOf(history, 'send').map((event) => event.bytes)).toStrictEqual([undefined, 3_000])
    }
  }
})
