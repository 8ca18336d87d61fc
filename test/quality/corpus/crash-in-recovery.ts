// Payouts that are completed after a restart (PHENOMENA 13, 20): the bank is asked whether it knows the payout, and if
// not, it is paid under a new key. A second crash, during the recovery, makes the next one pay again under another key.
import * as fc from 'fast-check'
import { atMostOnce, journal, map, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

function system(sound: boolean): System {
  const payouts = new Map<string, 'started' | 'done'>()
  const keys = new Set<string>()
  const paid = journal<string>('payout')
  const bank = async (request: Request): Promise<Response> => {
    if (request.method === 'GET') return answer(keys.has(new URL(request.url).pathname.slice(1)) ? 204 : 404)
    const { key, id } = (await request.json()) as { readonly key: string; readonly id: string }
    if (keys.has(key)) return answer(200)
    keys.add(key)
    paid.add(id)
    return answer(201)
  }
  const boot = () => {
    const pay = async (id: string, key: string): Promise<boolean> => {
      const { ok } = await post('http://bank/', { id, key }, { signal: AbortSignal.timeout(3_000) })
      if (ok) payouts.set(id, 'done')
      return ok
    }
    const recover = async (id: string): Promise<void> => {
      const { status } = await fetch(`http://bank/${id}`, { signal: AbortSignal.timeout(3_000) })
      if (status === 204) payouts.set(id, 'done')
      if (status === 404) await pay(id, sound ? id : crypto.randomUUID())
    }
    for (const [id, state] of payouts) if (state === 'started') void recover(id).catch(() => undefined)
    return async (request: Request): Promise<Response> => {
      const id = (await request.json()) as string
      if (payouts.has(id)) return answer(200)
      payouts.set(id, 'started')
      return answer((await pay(id, id).catch(() => false)) ? 201 : 202)
    }
  }
  const payout = op('payout', fc.uuid(), (id) => post('http://payroll/', id), { retries: 1, timeout: 5_000 })
  return {
    nodes: { payroll: serve(boot), bank: serve(() => bank) },
    stores: [map(payouts, { name: 'payouts' }), map(keys, { name: 'keys' })],
    operations: [payout],
    invariants: [atMostOnce(paid.by((id) => id))],
    tolerates: { except: ['pause', 'deploy'] }, // one process at a time
  }
}

export const crashInRecovery: Planted = {
  name: 'a crash, and another one during the recovery',
  depth: 2,
  phenomena: [13, 20],
  system,
  smallest: scenarioOf(
    [{ operation: 'payout', input: '00000000-0000-1000-8000-000000000000' }],
    [
      {
        kind: 'crash',
        at: 'payout#0 | client -> payroll POST / payout#0 1 | payroll -> payouts set payouts payout#0 1 reply',
        node: 'payroll',
        restartAfterMs: 1_000,
      },
      {
        kind: 'crash',
        at: 'boot(payroll) | payroll -> bank POST / payout#0 1 reply',
        node: 'payroll',
        restartAfterMs: 1_000,
      },
    ],
  ),
}
