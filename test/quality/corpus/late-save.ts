// A profile that is saved again and again (PHENOMENA 4, 6): each save says what the profile is now. One that is late
// overwrites the next, which was answered long ago.
import * as fc from 'fast-check'
import { journal, map, monotonic, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

interface Save {
  readonly draft: number
}

function system(sound: boolean): System {
  const profile = new Map<string, number>()
  const saved = journal<Save>('saved')
  const node = async (request: Request): Promise<Response> => {
    const { draft } = (await request.json()) as Save
    if (sound && draft <= (profile.get('ada') ?? 0)) return answer(200)
    profile.set('ada', draft)
    saved.add({ draft })
    return answer(200)
  }
  const save = op('save', fc.constant(null), () => post('http://profile/', { draft: Date.now() }), { timeout: 2_000 })
  return {
    nodes: { profile: serve(() => node) },
    stores: [map(profile, { name: 'profiles' })],
    operations: [save],
    clients: 1,
    invariants: [monotonic(saved, () => 'ada', { version: ({ draft }) => draft })],
  }
}

export const lateSave: Planted = {
  name: 'a late save overwrites the next one',
  depth: 1,
  phenomena: [4, 6],
  system,
  smallest: scenarioOf(
    [
      { operation: 'save', input: null },
      { operation: 'save', input: null },
    ],
    [{ kind: 'delay', at: 'save#0 | client -> profile POST / 1 request', byMs: 3_000 }],
  ),
}
