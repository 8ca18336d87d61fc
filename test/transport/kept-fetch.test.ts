// The conformance suite over a `fetch` that somebody kept before the package was loaded, as an SDK at module level
// does.
import { expect, test } from 'vitest'
import { serve } from '../../src/index.ts'
import { rehearse } from '../../src/conformance/rehearse.ts'
import type { Scene } from '../../src/conformance/scene.ts'
import { transportConformance } from '../../src/conformance/transport-conformance.ts'
import { full } from '../full.ts'

/** Nothing has replaced it outside a simulation: the package puts its own in place only while a history runs. */
const kept = globalThis.fetch

/** Carries out a scene with the kept `fetch` in place of the simulated one. */
async function withKept({ client, shop, bank }: Scene): Promise<unknown> {
  const { seen } = await rehearse({ nodes: { shop: serve(() => shop), bank: serve(() => bank) } }, async () => {
    const simulated = globalThis.fetch
    globalThis.fetch = kept
    try {
      return await client({ shop: 'http://shop', bank: 'http://bank' })
    } finally {
      globalThis.fetch = simulated
    }
  })
  return seen
}

test('a fetch that was kept reaches the nodes, in virtual time', async () => {
  const asked: string[] = []
  const answer = (name: string) => async (request: Request) => {
    asked.push(`${name} ${request.method} ${await request.text()}`)
    return new Response(name, { status: 201 })
  }
  const client = async ({ shop, bank }: Parameters<Scene['client']>[0]): Promise<unknown> => {
    const start = Date.now()
    const [one, other] = [await fetch(shop, { method: 'POST', body: 'order' }), await fetch(bank)]
    return [one.status, await one.text(), await other.text(), Date.now() - start]
  }

  expect(await withKept({ client, shop: answer('shop'), bank: answer('bank') })).toEqual([201, 'shop', 'bank', 80])
  expect(asked).toEqual(['shop POST order', 'bank GET ', 'shop POST order', 'bank GET ']) // rehearsed: twice
})

// It is the simulated one from then on, which fetch.test.ts holds against the platform in the quick run too.
if (full) transportConformance('a fetch that was kept', withKept)
