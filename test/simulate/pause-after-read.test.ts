// A process may stand still between reading a row and acting on it: the moment in which check-then-act breaks.
import { expect, test } from 'vitest'
import { always } from '../../src/check/always.ts'
import { journal } from '../../src/history/effect.ts'
import type { Invocation } from '../../src/scenario/scenario.ts'
import { map } from '../../src/store/map.ts'
import type { System } from '../../src/system/system.ts'
import { breaks, effectsIn, node, pause, post, under } from './systems.ts'

const saved = journal<number>('saved')
const stores = new Map<string, number>()

/** Reads the text, thinks for 100 ms, and saves the next version. The sound one saves only what it has read. */
function editors(save: 'blindly' | 'if unchanged'): System {
  const editor = node(async () => {
    const base = stores.get('text') ?? 0
    await pause(100)
    if (save === 'if unchanged' && (stores.get('text') ?? 0) !== base) return
    stores.set('text', base + 1)
    saved.add(base + 1)
  })
  return {
    nodes: { left: editor, right: editor },
    stores: [map(stores, { name: 'documents' })],
    operations: [post('left', 'http://left/'), post('right', 'http://right/')],
    invariants: [always('no save overwrites another', saved, (all) => new Set(all).size === all.length)],
  }
}

/** The second editor begins long after the first is done. */
const apart: readonly Invocation[] = [
  { id: 0, operation: 'left', client: 0, afterMs: 0, input: null },
  { id: 1, operation: 'right', client: 1, afterMs: 5_000, input: null },
]

test('what acts on an old read breaks under a pause after the read, and under nothing else', async () => {
  expect(await breaks(editors('blindly'), apart)).toEqual([
    'pause left on reply of get documents',
    'pause left, replaced, on reply of get documents',
  ])
})

test('what looks again before it acts survives every single fault', async () => {
  expect(await breaks(editors('if unchanged'), apart)).toEqual([])
})

test('the process acts when it goes on, by what it read before', async () => {
  const history = await under(editors('blindly'), 'pause left on reply of get documents', apart)
  expect(effectsIn(history, 'saved')).toEqual([
    { atMs: 5_120, value: 1 },
    { atMs: 10_020, value: 1 },
  ])
})
