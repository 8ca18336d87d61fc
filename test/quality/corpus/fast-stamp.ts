// Two editors of one address book stamp a change with their own clocks, and the largest stamp wins (PHENOMENA 16): one
// clock is a minute fast, so a change that came later is older, and is dropped though it was answered ok.
import * as fc from 'fast-check'
import { always, journal, map, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

function system(sound: boolean): System {
  const entries = new Map<string, { readonly street: string; readonly stamp: number }>()
  const dropped = journal<string>('kept or dropped')
  const node = async (request: Request): Promise<Response> => {
    const street = (await request.json()) as string
    const before = entries.get('ada')?.stamp ?? 0
    const stamp = sound ? before + 1 : Date.now()
    if (stamp > before) entries.set('ada', { street, stamp })
    dropped.add(stamp > before ? 'kept' : 'dropped')
    return answer(200)
  }
  const move = op(
    'move',
    fc.record({ to: fc.uuid(), by: fc.constantFrom('east', 'west') }),
    ({ to, by }) => post(`http://${by}/`, to),
    { timeout: 2_000 },
  )
  return {
    nodes: { east: serve(() => node), west: serve(() => node) },
    stores: [map(entries, { name: 'entries' })],
    operations: [move],
    invariants: [always('no newer change is dropped', dropped, (all) => !all.includes('dropped'))],
  }
}

export const fastStamp: Planted = {
  name: 'a fast clock stamps a change, and a later one is dropped',
  depth: 1,
  phenomena: [16],
  system,
  smallest: scenarioOf(
    [
      { operation: 'move', input: { to: '00000000-0000-1000-8000-000000000000', by: 'east' } },
      { operation: 'move', input: { to: '00000000-0000-1000-8000-000000000001', by: 'west' }, afterMs: 100 },
    ],
    [{ kind: 'skew', at: 'boot(east) | east -> east boot 1 request', byMs: 60_000 }],
  ),
}
