import { PGlite } from '@electric-sql/pglite'
import * as fc from 'fast-check'
import { writeSync } from 'node:fs'
import { test } from 'vitest'
import { noHang, op, serve, simulate } from 'two-generals'
import { postgres } from '../../src/postgres.ts'
const client = new PGlite()
await client.waitReady
const go = op('go', fc.constant(null), () => fetch('http://bank/', { method: 'POST' }))
test('x', async () => {
  for (const q of ['select 1', 'select now() n, clock_timestamp() c', 'select random()', 'select gen_random_uuid()', 'select uuidv7()'])
  for (let i = 0; i < 2; i++) {
  const h: any = await simulate({ nodes: { bank: serve(() => async () => {
    try { writeSync(2, q + ' ' + Date.now() + ' ' + JSON.stringify((await client.query(q)).rows) + '\n') } catch (e) { writeSync(2, q + ' ' + e + '\n') }
    return new Response('ok') }) }, stores: [postgres(client)], operations: [go], invariants: [noHang()] }, { seed: 3, plan: { kind: 'listed', faults: [] }, workload: { invocations: [{ client: 0, afterMs: 0, operation: 'go', input: null }] } } as any).catch((e) => writeSync(2, q + ' ' + e + '\n'))
  writeSync(2, (h.events ?? h.history?.events ?? []).map((e: any) => e.kind + '@' + e.atMs).join(' ') + '\n')
  }
})
