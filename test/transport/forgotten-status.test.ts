// Errors of services have bodies of JSON: a caller that never looks at the status takes one for an answer.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { assess, atLeastOnce, journal, op, serve, type System } from '../../src/index.ts'

const charged = journal<{ readonly order: string }>('charged')
const buy = op('buy', fc.uuid(), (order) => fetch('http://shop/', { method: 'POST', body: order }))

function shop(looks: boolean): System {
  return {
    nodes: {
      shop: serve(() => async (request) => {
        const answer = await fetch('http://bank/', { method: 'POST', body: await request.text() })
        if (looks && !answer.ok) return new Response(null, { status: 502 })
        const { id = null } = (await answer.json()) as { readonly id?: string }
        return Response.json({ charge: id })
      }),
      bank: serve(() => async (request) => {
        charged.add({ order: await request.text() })
        return Response.json({ id: 'ch_1' })
      }),
    },
    operations: [buy],
    tolerates: ['error', 'throttle'],
    invariants: [
      atLeastOnce(
        buy.by((order) => order),
        charged.by(({ order }) => order),
      ),
    ],
  }
}

test.each([
  ['looks at the status', true, 'holds'],
  ['forgets to', false, 'violated'],
])('a caller that %s', async (_, looks, kind) => {
  expect((await assess(shop(looks), { seed: 1, numRuns: 30 })).kind).toBe(kind)
})
