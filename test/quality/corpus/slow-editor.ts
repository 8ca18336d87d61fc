// A document that is locked for 30 s for whoever edits it (PHENOMENA 15): people think for longer than that. When the
// lock has passed to the next editor, the first one saves, and nobody looks whose lock it is.
import * as fc from 'fast-check'
import { actor, journal, map, mutualExclusion, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

const lockMs = 30_000

function system(sound: boolean): System {
  const locks = new Map<string, { readonly token: number; readonly untilMs: number }>()
  const saved = journal<number>('saved')
  const documents = async (request: Request): Promise<Response> => {
    const { token, untilMs } = locks.get('page') ?? { token: 0, untilMs: 0 }
    if (new URL(request.url).pathname === '/lock') {
      if (untilMs > performance.now()) return answer(409)
      locks.set('page', { token: token + 1, untilMs: performance.now() + lockMs })
      return Response.json(token + 1)
    }
    const given = (await request.json()) as number
    if (given === 0 || (sound && given !== token)) return answer(409)
    saved.add(given)
    return answer(200)
  }
  const editor = actor('editor', () => ({ token: 0 }))
  const init = () => ({ signal: AbortSignal.timeout(3_000) })
  const open = editor.op('open', fc.constant(null), async (state) => {
    const response = await post('http://documents/lock', null, init())
    if (response.ok) state.token = Number(await response.json())
    return response.status
  })
  const save = editor.op('save', fc.constant(null), ({ token }) => post('http://documents/save', token, init()))
  return {
    nodes: { documents: serve(() => documents) },
    stores: [map(locks, { name: 'locks' })],
    operations: [open, save],
    invariants: [mutualExclusion(saved, { token: (token) => token })],
  }
}

export const slowEditor: Planted = {
  name: 'an editor thinks for longer than the lock of 30 s lasts',
  depth: 0,
  phenomena: [15],
  system,
  smallest: scenarioOf([
    { operation: 'open', input: null },
    { operation: 'open', input: null, client: 1, afterMs: 31_000 },
    { operation: 'save', input: null, client: 1 },
    { operation: 'save', input: null, afterMs: 35_000 },
  ]),
}
