// A server of node:http ends a request that is not whole after its `requestTimeout`: 408, and the connection is closed.
import http from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import type { Fault } from '../../../src/scenario/fault/registry.ts'
import { invocationRoot, type Address } from '../../../src/scenario/address.ts'
import { journal } from '../../../src/history/effect.ts'
import { serve } from '../../../src/transport/serve.ts'
import { act, effectsIn, nothingToJudge, runOnce, scenarioOf } from '../../simulate/systems.ts'

const told = journal<string>('told')

/** A server that is asked with a body that takes so long. */
async function toldBy(options: http.ServerOptions, overMs: number): Promise<readonly string[]> {
  const system = {
    nodes: {
      shop: serve(() =>
        http.createServer(options, (request, response) => {
          text(request).then(
            () => response.writeHead(201).end(),
            ({ code }: NodeJS.ErrnoException) => told.add(`shop: ${code}`),
          )
        }),
      ),
    },
    operations: [
      act('put', async () => {
        const { status } = await fetch('http://shop/', { method: 'POST', body: '0123456789' })
        told.add(`client: ${status}`)
      }),
    ],
    invariants: [nothingToJudge],
  }
  const root = invocationRoot('put', 0)
  const at: Address = { root, path: [], from: 'client', to: 'shop', operation: 'POST /', leg: 'request', nth: 1 }
  const fault: Fault = { kind: 'trickle', at, overMs }
  const { history } = await runOnce(system, scenarioOf(system, [fault]))
  return effectsIn(history, 'told').map(({ atMs, value }) => `${String(value)} ${atMs}`)
}

test('by its next look at them', async () => {
  const options = { requestTimeout: 5_000, headersTimeout: 5_000, connectionsCheckingInterval: 2_000 }
  expect(new Set(await toldBy(options, 20_000))).toStrictEqual(new Set(['shop: ECONNRESET 6000', 'client: 408 6020']))
  expect(await toldBy(options, 4_000)).toStrictEqual(['client: 201 4040'])
})

test('by default after five minutes, which no body takes', async () => {
  expect(await toldBy({}, 60_000)).toStrictEqual(['client: 201 60040'])
  expect(await toldBy({ requestTimeout: 0 }, 60_000)).toStrictEqual(['client: 201 60040'])
})
