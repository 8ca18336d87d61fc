// A copy of a request that was refused: no connection was taken, so nothing can arrive later, when the node is up
// again.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { journal } from '../../src/history/effect.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { op } from '../../src/system/operation.ts'
import type { System } from '../../src/system/system.ts'
import { serve } from '../../src/transport/serve.ts'
import { effectsIn, nothingToJudge, outcomesOf, runOnce, scenarioOf } from './systems.ts'

const did = journal<string>('did')
const put = op('put', fc.string(), (text) => fetch('http://shop/', { method: 'PUT', body: text }))
const system: System = {
  nodes: { shop: serve(() => async (request: Request) => (did.add(await request.text()), new Response())) },
  operations: [put],
  invariants: [nothingToJudge],
}
test('the copy of a request that a node was down for never arrives, also once the node is up again', async () => {
  const invocations = [0, 1].map((id) => ({ id, operation: 'put', client: id, afterMs: id * 100, input: `text ${id}` }))
  const { sites } = await runOnce(system, scenarioOf(system, [], invocations), { collect: true })
  const [first, second] = sites.flatMap(({ kind, address }) =>
    kind === 'call' && address.leg === 'request' ? [address] : [],
  )
  if (first === undefined || second === undefined) throw new Error('There are two requests.')
  const down: Fault = { kind: 'crash', at: first, node: 'shop', restartAfterMs: 1_000 }
  const copied: Fault = { kind: 'duplicate', at: second, after: 'request', gapMs: 2_000 }
  const { history, fired } = await runOnce(system, scenarioOf(system, [down, copied], invocations))
  expect(fired).toHaveLength(2)
  expect(outcomesOf(history)).toContain('fail refused')
  expect(effectsIn(history, 'did').map(({ value }) => value)).not.toContain('text 1')
})

test('nor where the copy comes before the caller has heard of the refusal', async () => {
  const invocations = [0, 1].map((id) => ({ id, operation: 'put', client: id, afterMs: 0, input: `text ${id}` }))
  const { sites } = await runOnce(system, scenarioOf(system, [], invocations), { collect: true })
  const [first, second] = sites.flatMap(({ kind, address }) =>
    kind === 'call' && address.leg === 'request' ? [address] : [],
  )
  if (first === undefined || second === undefined) throw new Error('There are two requests.')
  const replaced: Fault = { kind: 'pause', at: first, node: 'shop', forMs: 1, replaced: 'yes' }
  const copied: Fault = { kind: 'duplicate', at: second, after: 'request', gapMs: 1 }
  const { history, fired } = await runOnce(system, scenarioOf(system, [replaced, copied], invocations))
  expect(fired).toHaveLength(2)
  expect(outcomesOf(history)).toContain('fail refused')
  expect(effectsIn(history, 'did').map(({ value }) => value)).not.toContain('text 1')
})
