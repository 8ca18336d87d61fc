// What an operation returned, as the history keeps it.
import { expect, test } from 'vitest'
import { completionsOf } from '../../src/history/history.ts'
import { act, node, nothingToJudge, runOnce } from '../simulate/systems.ts'

const valueOf = async (make: () => Response | Promise<Response>): Promise<unknown> => {
  const { history } = await runOnce({
    nodes: { shop: node(() => undefined) },
    operations: [act('ask', make)],
    invariants: [nothingToJudge],
  })
  return completionsOf(history)[0]?.value
}

test.each([
  ['of text', () => new Response('sold out', { status: 409 }), { status: 409, body: 'sold out' }],
  ['of JSON', () => Response.json({ left: 0 }, { status: 409 }), { status: 409, body: '{"left":0}' }],
  ['without a body', () => new Response(null, { status: 204 }), { status: 204, body: '' }],
  [
    'of text that was read on the way',
    async () => {
      const response = new Response('sold out')
      await response.text()
      return response
    },
    { status: 200, body: 'sold out' },
  ],
  ['of bytes, which cannot be read at once', () => new Response(new Uint8Array([1])), { status: 200 }],
])("a client's own Response %s", async (_, make, value) => {
  expect(await valueOf(make)).toEqual(value)
})
