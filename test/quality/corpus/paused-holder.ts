// A lease of 30 s (PHENOMENA 15): its holder is paused for longer and then writes, as if nothing had happened. No timer
// shows the 30 s, which stand in the code only.
import * as fc from 'fast-check'
import { journal, map, mutualExclusion, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post, sleep } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

const leaseMs = 30_000

function system(sound: boolean): System {
  const leases = new Map<string, { readonly token: number; readonly untilMs: number }>()
  const document = new Map<string, number>()
  const written = journal<number>('written')
  const worker = async (): Promise<Response> => {
    const { token: last, untilMs } = leases.get('document') ?? { token: 0, untilMs: 0 }
    const now = performance.now()
    if (untilMs > now) return answer(503)
    const token = last + 1
    leases.set('document', { token, untilMs: now + leaseMs })
    await sleep(100)
    if (sound && token < (document.get('document') ?? 0)) return answer(409)
    document.set('document', token)
    written.add(token)
    if (leases.get('document')?.token === token) leases.set('document', { token, untilMs: 0 })
    return answer(200)
  }
  const work = op('work', fc.constantFrom('left', 'right'), (name) => post(`http://${name}/`, null), { timeout: 5_000 })
  return {
    nodes: { left: serve(() => worker), right: serve(() => worker) },
    stores: [map(leases, { name: 'leases' }), map(document, { name: 'documents' })],
    operations: [work],
    invariants: [mutualExclusion(written, { token: (token) => token })],
  }
}

export const pausedHolder: Planted = {
  name: 'a pause of the holder over a lease of 30 s',
  depth: 1,
  phenomena: [15],
  system,
  smallest: scenarioOf(
    [
      { operation: 'work', input: 'left' },
      { operation: 'work', input: 'right', client: 1, afterMs: 31_000 },
    ],
    [
      {
        kind: 'pause',
        at: 'work#0 | client -> left POST / 1 | left -> leases set leases 1 reply',
        node: 'left',
        forMs: 32_000,
        replaced: 'no',
      },
    ],
  ),
}
