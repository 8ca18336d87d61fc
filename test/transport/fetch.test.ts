// The conformance suite over the three ways a simulated `fetch` goes: from a client, from node to node, and to a stub
// of the outside.
import { http } from 'msw'
import { serve } from '../../src/index.ts'
import { rehearse } from '../../src/conformance/rehearse.ts'
import { type SceneHandler, type Scene } from '../../src/conformance/scene.ts'
import { transportConformance } from '../../src/conformance/transport-conformance.ts'
import { full } from '../full.ts'

const at = { shop: 'http://shop', bank: 'http://bank' }

transportConformance(
  'fetch from a client to a node',
  async ({ client, shop, bank }: Scene) =>
    (await rehearse({ nodes: { shop: serve(() => shop), bank: serve(() => bank) } }, () => client(at))).seen,
)

// What differs on these two ways has tests of its own in the quick run: serve.test.ts, outside.test.ts.
if (full) {
  transportConformance('fetch from node to node', async ({ client, shop, bank }: Scene) => {
    let seen: unknown
    const front: SceneHandler = async () => {
      seen = await client(at)
      return new Response()
    }
    await rehearse(
      { nodes: { front: serve(() => front), shop: serve(() => shop), bank: serve(() => bank) } },
      async () => (await fetch('http://front')).status,
    )
    return seen
  })

  transportConformance(
    'fetch from a client to a stub',
    async ({ client, shop, bank }: Scene) =>
      (
        await rehearse(
          {
            nodes: { idle: serve(() => () => new Response()) },
            outside: [
              http.all('http://shop/*', ({ request }) => shop(request)),
              http.all('http://bank/*', ({ request }) => bank(request)),
            ],
          },
          () => client(at),
        )
      ).seen,
  )
}
