// The conformance suite over a `fetch` that somebody kept before the package was loaded, as an SDK at module level
// does.
import { serve } from '../../src/index.ts'
import { rehearse } from '../../src/conformance/rehearse.ts'
import type { Scene } from '../../src/conformance/scene.ts'
import { transportConformance } from '../../src/conformance/transport-conformance.ts'

/** Nothing has replaced it outside a simulation: the package puts its own in place only while a history runs. */
const kept = globalThis.fetch

transportConformance('a fetch that was kept', async ({ client, shop, bank }: Scene) => {
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
})
