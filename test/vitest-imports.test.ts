// Under vitest an import asks another process. A node that is imported as it boots, and a handler that imports late,
// are simulated like any other: found sound or broken, in every history alike.
// @module-tag full
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { VitestProject, type VitestRun } from './vitest-project.ts'

const app = `
import { charge } from './charge.ts'
export default async function shop(request: Request): Promise<Response> {
  const { order } = await request.json() as { order: string }
  const { receipt } = await import('./receipt.ts')
  charge.add({ order })
  return new Response(receipt(order))
}
`
/** Its loading takes real time, and it is evaluated once. */
const receipt = `
import { setTimeout as pause } from 'node:timers/promises'
await pause(30)
export const receipt = (order: string): string => 'thanks for ' + order
`
const tests = `
import * as fc from 'fast-check'
import { atLeastOnce, exactlyOnce, noHang, op, serve } from 'two-generals'
import { testResilience } from 'two-generals/vitest'
import { charge } from './charge.ts'

const pay = op('pay', fc.record({ order: fc.uuid() }),
  (input) => fetch('http://shop/', { method: 'POST', body: JSON.stringify(input) }), { retries: 2, timeout: 5_000 })
const [asked, made] = [pay.by((p) => p.order), charge.by((c) => c.order)] as const
const imported = {
  nodes: { shop: serve(async () => (await import('./app.ts')).default) },
  operations: [pay],
}
const few = { numRuns: 10, seed: 1 }
testResilience('sound', few, { ...imported, invariants: [atLeastOnce(asked, made), noHang()] })
testResilience('broken', few, { ...imported, invariants: [exactlyOnce(asked, made)] })
testResilience('thrown', few, {
  ...imported,
  nodes: { shop: serve(() => async () => (await import('./failing.ts')).default) },
  invariants: [atLeastOnce(asked, made)],
})
`

describe('imports while a simulation runs', () => {
  const project = new VitestProject()
  let run: VitestRun | undefined
  beforeAll(async () => {
    project.write('charge.ts', `import { journal } from 'two-generals'\nexport const charge = journal('charge')\n`)
    project.write('app.ts', app)
    project.write('receipt.ts', receipt)
    project.write('failing.ts', `throw new Error('no such shop')\nexport default () => new Response()\n`)
    project.write('shop.test.ts', tests)
    run = await project.run()
  }, 120_000)
  afterAll(() => project.remove())

  test('are waited for', () => {
    expect(run?.statuses).toMatchObject({ sound: 'passed', broken: 'failed' })
  })

  test('hide no bug', () => {
    expect(run?.failures['broken']).toMatch(/charge happened twice for order#0/)
  })

  test('fail as they do outside', () => {
    expect(run?.failures['thrown']).toMatch(/no such shop/)
  })
})
