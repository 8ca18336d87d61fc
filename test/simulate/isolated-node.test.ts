// A node that is cut off from all others while it asks them: whoever takes silence for a death believes to be alone.
import { expect, test } from 'vitest'
import { always } from '../../src/check/always.ts'
import { journal } from '../../src/history/effect.ts'
import { serve } from '../../src/transport/serve.ts'
import type { System } from '../../src/system/system.ts'
import { claimOf } from '../../src/system/tolerates.ts'
import { everyFault, singleFaults } from '../../src/scenario/plan.ts'
import { open } from '../../src/simulation.ts'
import { breaks, effectsIn, labelOf, node, outcomesOf, post, scenarioOf, under } from './systems.ts'

const decided = journal<'alone'>('decided')

/**
 * The leader asks both witnesses for a second. If it took longer, it was asleep, and asks again. If none of them
 * answers, the one decides alone, and the other refuses.
 */
function leading(ifNoneAnswers: 'decide' | 'refuse'): System {
  const ask = (name: string): Promise<boolean> =>
    fetch(`http://${name}/alive`, { method: 'POST', signal: AbortSignal.timeout(1_000) }).then(
      () => true,
      () => false,
    )
  const leader = async (): Promise<Response> => {
    for (;;) {
      const sinceMs = performance.now()
      const answers = await Promise.all([ask('east'), ask('west')])
      if (performance.now() - sinceMs > 1_100) continue
      if (answers.includes(true)) return new Response('together')
      if (ifNoneAnswers === 'refuse') return new Response('nobody answers', { status: 503 })
      decided.add('alone')
      return new Response('alone')
    }
  }
  return {
    nodes: { leader: serve(() => leader), east: node(() => undefined), west: node(() => undefined) },
    operations: [post('decide', 'http://leader/')],
    invariants: [always('nobody decides alone while others live', decided, (all) => all.length === 0)],
  }
}

test('who takes silence for a death breaks where it is cut off as it asks, and under nothing else', async () => {
  expect(await breaks(leading('decide'))).toEqual(['partition leader alone on request of POST /alive'])
})

test('who refuses where nobody answers survives every single fault', async () => {
  expect(await breaks(leading('refuse'))).toEqual([])
})

test('it is cut off from its client too, and comes back', async () => {
  const history = await under(leading('decide'), 'partition leader alone on request of POST /alive')
  expect(effectsIn(history, 'decided')).toEqual([{ atMs: 1_020, value: 'alone' }])
  expect(history.events.filter((event) => event.kind === 'lost').map((event) => event.why)).toEqual([
    'cut',
    'cut',
    'cut',
    'timeout',
  ])
  expect(outcomesOf(history)).toEqual(['info error'])
})

test('who claims a link does not claim that its caller is cut off from everybody', async () => {
  const simulation = await open(leading('decide'))
  const { sites } = await simulation.run(scenarioOf(leading('decide')), { collect: true })
  await simulation.close()
  const alone = singleFaults(sites, everyFault).filter(
    (fault) => labelOf(fault) === 'partition leader alone on request of POST /alive',
  )
  const claimed = (tolerates: System['tolerates']): number =>
    alone.filter((fault) => claimOf(tolerates, ['leader', 'east', 'west']).allowed(fault) === fault).length
  expect(alone.length).toBeGreaterThan(0)
  expect(claimed({ 'leader -> east': ['partition'], 'leader -> west': ['partition'] })).toBe(0)
  expect(claimed({ east: ['partition'], west: ['partition'] })).toBe(0)
  for (const whole of [{ leader: ['partition'] }, ['partition'], [{ kind: 'partition', cuts: 'node' }]] as const)
    expect(claimed(whole)).toBe(alone.length)
  expect(claimed([{ kind: 'partition', cuts: 'link' }])).toBe(0)
})
