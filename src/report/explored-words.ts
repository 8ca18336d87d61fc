// What was explored, in words: for a passed test how much that means, for a failed one where the violation was found.
// Knows only the counts.
import type { Explored, ExploredSets, Folded } from '../verdict/explored.ts'
import { allWords, certificateWords, countWords, setsWords } from './exhaustive-words.ts'
import { faultKinds, faultSpec, type FaultKind } from '../scenario/fault/registry.ts'
import type { VerdictKind } from '../verdict/verdict.ts'

/** The parts of an exploration, each as `what: result`. `clean` is the result if there was no violation. */
export function exploredWords(explored: Explored, clean = 'holds'): readonly string[] {
  const { saved, perfect, orders, singles, again, consequences, sets = [], swarm, shrink, seed } = explored
  const found = [perfect, orders, singles, again, consequences, ...sets, swarm].some(
    (part) => (part?.violated ?? 0) > 0,
  )
  const certificate = found ? undefined : certificateWords(explored)
  const cut = sets.filter(({ run, total }) => found || run < total)
  return [
    saved === 0 ? '' : `${plural(saved, 'saved counterexample')} first`,
    perfect.run === 0 ? '' : `perfect network ${times(perfect.run)}: ${outcomeWords(perfect.violated, clean)}`,
    orders === undefined || orders.run === 0
      ? ''
      : `one process between two statements of another ${times(orders.run)}: ${outcomeWords(orders.violated, clean)}`,
    certificate !== undefined
      ? `${certificate}: ${clean}`
      : singles.run === 0
        ? ''
        : `${singlesWords(singles, found)}: ${outcomeWords(singles.violated, clean)}`,
    again === undefined || again.run === 0
      ? ''
      : `one fault at several attempts in a row ${times(again.run)}: ${outcomeWords(again.violated, clean)}`,
    consequences === undefined || consequences.run === 0
      ? ''
      : `further faults at what one made the code do ${times(consequences.run)}: ` +
        outcomeWords(consequences.violated, clean),
    ...cut.map((one) => `${cutWords(one, found)}: ${outcomeWords(one.violated, clean)}`),
    swarm.run === 0 && swarm.total === undefined
      ? ''
      : `${swarmWords(swarm, found)} with several faults: ${outcomeWords(swarm.violated, clean)}`,
    shrink === 0 ? '' : `shrunk and confirmed in ${plural(shrink, 'execution')}`,
    `seed ${seed}`,
  ].filter((text) => text !== '')
}

/** Says "all" only if all single faults were run, and "only" where that is a lack: not where a violation ended it. */
function singlesWords({ run, total }: Explored['singles'], found: boolean): string {
  if (run < total) return `${found ? '' : 'only '}${run} of ${total} single faults`
  return total === 1 ? 'the only single fault' : `all ${total} single faults`
}

function cutWords(sets: ExploredSets, found: boolean): string {
  const { faults, run, total } = sets
  if (run === total) return allWords(sets)
  return `${found ? '' : 'only '}${countWords(run)} of ${countWords(total)} ${setsWords(faults)}`
}

function swarmWords({ run, total }: Explored['swarm'], found: boolean): string {
  return total === undefined || found
    ? plural(run, 'random history', 'random histories')
    : `only ${run} of ${total} random histories`
}

function outcomeWords(violated: number, clean: string): string {
  return violated === 0 ? clean : `${violated} violated`
}

/** A note if module memory survived a crash, which a real process would have lost. */
export function memoryWords(survivors: Explored['survivors'] = []): readonly string[] {
  if (survivors.length === 0) return []
  const nodes = survivors.map((name) => `"${name}"`).join(', ')
  return [
    `module memory survived a crash: ${nodes} gave the same object again. Where it keeps state, make it anew: ` +
      'serve(() => createApp()).',
  ]
}

/** A note if instances share memory, which real processes never do. */
export function sharedWords(shared: Explored['shared'] = []): readonly string[] {
  if (shared.length === 0) return []
  const nodes = shared.map((name) => `"${name}"`).join(', ')
  return [
    `instances share their memory: ${nodes} gave several of them the same object. Where it keeps state, make it ` +
      'anew: serve(() => createApp(), { instances }), or they hide what two processes would do.',
  ]
}

/** How often each kind of fault fired, and which allowed kinds never did. */
export function faultsWords(explored: Explored): readonly string[] {
  const { fired } = explored
  const counted = faultKinds.flatMap((kind) => ((fired[kind] ?? 0) > 0 ? [`${kind} ${fired[kind] ?? 0}`] : []))
  const never = neverFired(explored)
  return [
    counted.length === 0 ? 'no fault fired' : counted.join(', '),
    ...(never.length === 0 ? [] : [`never fired: ${never.join(', ')}`]),
  ]
}

/** For each of these kinds what it would need, where it is not everywhere: `close needs a second request ...`. */
export function needsWords(kinds: readonly FaultKind[]): readonly string[] {
  return kinds.flatMap((kind) => {
    const { needs } = faultSpec(kind)
    return needs === undefined ? [] : [`${kind} needs ${needs}`]
  })
}

/** Which allowed kinds never fired. */
export function neverFired({ fired, allowed }: Explored): readonly FaultKind[] {
  return allowed.filter((kind) => (fired[kind] ?? 0) === 0)
}

/** In how many histories the invariant was checked. */
export function historiesOf({ counts }: Folded): number {
  return counts.holds + counts.violated + counts.unknown + counts.vacuous
}

/** `holds in 148 histories, vacuous in 13`. */
export function countsWords({ counts }: Folded): string {
  const order: readonly VerdictKind[] = ['violated', 'unknown', 'holds', 'vacuous']
  const found = order.filter((kind) => counts[kind] > 0)
  const [first, ...rest] = found
  if (first === undefined) return 'never asked'
  return [
    `${first} in ${plural(counts[first], 'history', 'histories')}`,
    ...rest.map((kind) => `${kind} in ${counts[kind]}`),
  ].join(', ')
}

function times(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`
}

export function plural(count: number, one: string, many: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
