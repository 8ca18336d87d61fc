// drift: whether saved counterexamples of the planted bugs still fail after edits that have nothing to do with the bug.
import { assess, type Scenario, type System } from '../../src/index.ts'
import { replay, type Replayed } from '../../src/explore/replay.ts'
import { open } from '../../src/simulation.ts'
import { corpus } from '../quality/corpus.ts'
import type { Planted } from '../quality/planted.ts'
import type { Effort, Result } from './result.ts'
import { executing } from './swarm-failures.ts'
import { unrelatedEdits, type Edit } from './unrelated-edits.ts'

const seeds = { quick: 1, full: 3 } as const

/** What became of one counterexample after one edit. */
export interface Drifted {
  readonly bug: string
  readonly edit: string
  /** `moved`: it fails again with faults at other places. */
  readonly kind: 'fails' | 'moved' | 'lost'
  readonly seed: number
}

/** `value`: counterexamples lost; `baseline`: all; `ratio`: the share that still fails. */
export async function* drift({ quick }: Effort): AsyncGenerator<Result, void> {
  const all: Drifted[] = []
  for (const bug of corpus)
    for (let seed = 1; seed <= (quick ? seeds.quick : seeds.full); seed++) all.push(...(await driftOf(bug, seed)))
  for (const { bug, edit, seed } of all.filter(({ kind }) => kind === 'lost'))
    console.error(`drift: ${bug}, seed ${seed}: no longer fails after "${edit}"`)
  for (const edit of Object.keys(unrelatedEdits)) {
    const own = all.filter((one) => one.edit === edit)
    if (own.length > 0) yield resultOf(`drift: ${edit}`, own)
  }
  const moved = all.filter(({ kind }) => kind === 'moved').length
  yield resultOf('drift', all)
  yield { name: 'drift/re-anchored', value: moved, unit: 'moved', baseline: all.length, ratio: moved / all.length }
}

function resultOf(name: string, all: readonly Drifted[]): Result {
  const lost = all.filter(({ kind }) => kind === 'lost').length
  return { name, value: lost, unit: 'lost', baseline: all.length, ratio: 1 - lost / all.length }
}

/** Takes the counterexample that default options find, or else the smallest of the corpus, and edits the system. */
export async function driftOf(bug: Planted, seed: number): Promise<readonly Drifted[]> {
  const assessment = await assess(bug.system(false), { seed })
  if (assessment.kind !== 'violated' && seed > 1) return [] // the smallest of the corpus was tried with the first seed
  const scenario = assessment.kind === 'violated' ? assessment.counterexample.scenario : bug.smallest
  const drifted: Drifted[] = []
  for (const [edit, change] of Object.entries(unrelatedEdits)) {
    const replayed = await replayEdited(bug, scenario, change)
    if (replayed === 'nothing to edit') continue
    if (replayed === 'related') console.error(`drift: ${bug.name}: "${edit}" breaks the sound twin too; not counted.`)
    else drifted.push({ bug: bug.name, edit, seed, kind: kindOf(replayed) })
  }
  return drifted
}

function kindOf({ executed: { violations }, moved }: Replayed): Drifted['kind'] {
  return violations.length === 0 ? 'lost' : moved.length > 0 ? 'moved' : 'fails'
}

async function replayEdited(
  bug: Planted,
  scenario: Scenario,
  change: Edit,
): Promise<Replayed | 'nothing to edit' | 'related'> {
  const edited = change(bug.system(false), scenario)
  const sound = change(bug.system(true), scenario)
  if (edited === undefined || sound === undefined) return 'nothing to edit'
  const twin = await replayOn(sound, scenario)
  return twin.executed.violations.length > 0 ? 'related' : replayOn(edited, scenario)
}

async function replayOn(system: System, scenario: Scenario): Promise<Replayed> {
  const simulation = await open(system)
  try {
    return await replay(scenario, executing(simulation), simulation.claim.allowed)
  } finally {
    await simulation.close()
  }
}
