// A Request that nobody holds any more: its signal ends the call all the same, whenever memory is collected. As in
// ky, which passes a Request on and keeps a clone.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { noFaults } from '../../src/scenario/plan.ts'
import { simulate } from '../../src/simulation.ts'
import { op } from '../../src/system/operation.ts'
import type { System } from '../../src/system/system.ts'
import { serve } from '../../src/transport/serve.ts'
import { full } from '../full.ts'
import { nothingToJudge } from '../simulate/systems.ts'

const requests: Readonly<Record<string, (signal: AbortSignal) => Request>> = {
  'a Request': (signal) => new Request('http://shop/', { signal }),
  'a clone of a Request': (signal) => new Request('http://shop/', { signal }).clone(),
  'a clone of a clone': (signal) => new Request('http://shop/', { signal }).clone().clone(),
}

test.each(Object.entries(requests).slice(full ? 0 : -1))(
  'a call ends by the signal of %s that was collected',
  async (_, requestOf) => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const ask = op('ask', fc.constant('once'), async () => {
      const controller = new AbortController()
      const answer = fetch(requestOf(controller.signal))
      for (let turn = 0; turn < 2; turn++) {
        await new Promise((resolve) => setTimeout(resolve, 10))
        collect()
      }
      setTimeout(() => controller.abort(new Error('enough')), 50)
      return answer
    })
    const shop = serve(() => () => new Promise<Response>((resolve) => setTimeout(resolve, 5_000, new Response())))
    const system: System = { nodes: { shop }, operations: [ask], invariants: [nothingToJudge] }
    const workload = { invocations: [{ id: 0, operation: 'ask', client: 0, afterMs: 0, input: 'once' }] }
    const { events } = await simulate(system, { workload, plan: noFaults, seed: 1 })
    expect(events.find(({ kind }) => kind === 'info' || kind === 'ok')).toMatchObject({ kind: 'info', atMs: 70 })
  },
)
