// The sound systems of the benchmark `false-alarms`, a handful of histories each: that they are at least forty, that
// each holds, and that its invariants have something to judge.
// @module-tag full
import { describe, expect, test } from 'vitest'
import { lookAt } from './bench/false-alarms.ts'
import type { Sound } from './bench/sound/sound.ts'
import { soundSystems } from './bench/sound/systems.ts'
import type { Invariant } from '../src/index.ts'

describe('sound systems', () => {
  test('are at least forty, of different names; some of them poll', () => {
    const names = soundSystems.map(({ name }) => name)
    expect(names.length).toBeGreaterThanOrEqual(40)
    expect(new Set(names).size).toBe(names.length)
    expect(soundSystems.filter(({ polls }) => polls).length).toBeGreaterThanOrEqual(5)
  })

  const quick = soundSystems.filter(({ polls = false }) => !polls)
  test.for(quick)('$name: no alarm, and something to judge', expectNoAlarm)

  const long = soundSystems.filter(({ polls = false }) => polls)
  test.for(long)('$name: no alarm, and something to judge', { tags: ['full'] }, expectNoAlarm)

  async function expectNoAlarm(sound: Sound): Promise<void> {
    const { alarm, judged } = await lookAt(sound, 5)
    expect(alarm).toBeUndefined()
    expect(judged).toBeGreaterThan(0)
  }
})

describe('an alarm', () => {
  test('is told by name and seed, with the story', async () => {
    const [sound] = soundSystems
    if (sound === undefined) throw new Error('Bug: no systems')
    const system = () => ({ ...sound.system(), invariants: [never] })
    const { alarm } = await lookAt({ name: 'a broken one', system }, 5, { seed: 7 })
    expect(alarm).toMatch(/^a broken one \(seed 7\):\nx a broken one\n/)
  })

  const never: Invariant = {
    kind: 'invariant',
    name: 'never',
    effects: [],
    check: () => ({ kind: 'violated', reasons: [{ kind: 'thin-air', text: 'it is wrong.', events: [] }] }),
  }
})
