// A lease of 30 s whose holder looks at both of its clocks before it writes (PHENOMENA 15, 16, 17): the wall clock
// against the end of the lease, and the timer clock since it asked. It writes after the next holder if it is paused
// for a little more than the lease while the one clock is wrong and the other runs slow.
import * as fc from 'fast-check'
import { journal, map, mutualExclusion, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post, sleep } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

const leaseMs = 30_000

interface Lease {
  readonly token: number
  readonly untilMs: number
  /** The same by the timer clock of who grants it, which nobody can set. */
  readonly timerUntilMs: number
}

function system(sound: boolean): System {
  const leases = new Map<string, Lease>()
  const document = new Map<string, number>()
  const written = journal<number>('written')
  const locks = async (): Promise<Response> => {
    const { token, untilMs, timerUntilMs } = leases.get('document') ?? { token: 0, untilMs: 0, timerUntilMs: 0 }
    const now = Date.now()
    if (untilMs > now || timerUntilMs > performance.now()) return answer(409)
    const lease = { token: token + 1, untilMs: now + leaseMs, timerUntilMs: performance.now() + leaseMs }
    leases.set('document', lease)
    return Response.json(lease)
  }
  const worker = async (): Promise<Response> => {
    const askedMs = performance.now()
    const granted = await post('http://locks/', null)
    if (granted.status !== 200) return answer(503)
    const { token, untilMs } = (await granted.json()) as Lease
    await sleep(100)
    if (Date.now() >= untilMs || performance.now() - askedMs >= leaseMs) return answer(503)
    if (sound && token < (document.get('document') ?? 0)) return answer(503)
    document.set('document', token)
    written.add(token)
    if (leases.get('document')?.token === token) leases.set('document', { token, untilMs: 0, timerUntilMs: 0 })
    return answer(200)
  }
  const work = op('work', fc.constantFrom('left', 'right'), (name) => post(`http://${name}/`, null), { timeout: 5_000 })
  return {
    nodes: { left: serve(() => worker), right: serve(() => worker), locks: serve(() => locks) },
    stores: [map(leases, { name: 'leases' }), map(document, { name: 'documents' })],
    operations: [work],
    invariants: [mutualExclusion(written, { token: (token) => token })],
  }
}

export const bothClocksLease: Planted = {
  name: 'a paused holder of a lease, and both of its clocks wrong',
  depth: 3,
  phenomena: [15, 16, 17],
  system,
  smallest: scenarioOf(
    [
      { operation: 'work', input: 'left' },
      { operation: 'work', input: 'right', client: 1, afterMs: 31_000 },
    ],
    [
      {
        kind: 'pause',
        at: 'work#0 | client -> left POST / 1 | left -> locks POST / 1 reply',
        node: 'left',
        forMs: 32_000,
        replaced: 'no',
      },
      { kind: 'skew', at: 'boot(left) | left -> left boot 1 request', byMs: -60_000 },
      { kind: 'drift', at: 'boot(left) | left -> left boot 1 request', ppm: -100_000 },
    ],
  ),
}
