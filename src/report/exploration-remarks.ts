// Remarks beside the result of an exploration: what could not be tried, and what to do about it. Must not know how
// exploration works.
import { durationWords } from '../plain/time.ts'
import type { Lengths } from '../scenario/lengths.ts'
import type { EffectSource } from '../history/effect.ts'
import type { Completion } from '../history/history.ts'
import type { System } from '../system/system.ts'
import type { Exhaustive, Explored, ExploredSets, Folded } from '../verdict/explored.ts'
import { countWords, setsWords, spanWords } from './exhaustive-words.ts'
import { historiesOf } from './explored-words.ts'
import { withAnswer } from './unreliable-run.ts'

/** A saved counterexample that could not be judged. */
export function unclearReplayText(path: string, why: string): string {
  return `${path}: it could not be judged (${why}). If its inputs no longer fit the operation, delete it.`
}

/** A saved counterexample whose faults no longer meet their messages. */
export function unfiredText(path: string, count: number): string {
  return (
    `${path}: ${count} of its faults did not fire any more, and nothing was violated. Delete it if the call is ` +
    'gone.'
  )
}

/** A saved counterexample that fails by faults that `tolerates` does not allow. */
export function unclaimedText(path: string, faults: readonly string[]): string {
  return (
    `${path}: it was saved when this was claimed, and fails all the same: ${faults.join('; ')}. Delete it if ` +
    '`tolerates` leaves that out for good.'
  )
}

const alone = 'On a perfect network too, '

/** What goes wrong without any fault, as where a queue's consumer never acknowledges. */
export function toldAloneText(text: string): string {
  return `${alone}${text}.`
}

/** Whether it is such a text, which says what keeps a system busy. */
export function isToldAlone(text: string): boolean {
  return text.startsWith(alone)
}

export function unusedStoreText(name: string): string {
  return (
    `Store "${name}" saw no call in any history. Is it the instance that the handler uses? A store that is never ` +
    'used cannot be crashed, and should not be registered.'
  )
}

/** Nodes with a capacity that was never exhausted. */
export function neverFullTexts({ nodes }: System, wasFull: (node: string) => boolean): readonly string[] {
  const names = Object.entries(nodes).flatMap(([name, { capacity }]) =>
    capacity === undefined || wasFull(name) ? [] : [`"${name}"`],
  )
  if (names.length === 0) return []
  return [
    `Never full in any history: ${names.join(', ')}. So nothing was tested of what happens when all its places are ` +
      'taken: let more operations begin at once (clients and maxOperations), or give a smaller capacity.',
  ]
}

/** Effects that an invariant looks at and no history had. */
export function neverSeenTexts({ invariants }: System, wasSeen: (effect: string) => boolean): readonly string[] {
  const sources = new Map(invariants.flatMap(({ effects }) => effects).map((source) => [source.name, source]))
  return [...sources.values()].flatMap((source) =>
    wasSeen(source.name) ? [] : [`No history had "${source.name}": ${whereToLook(source)}?`],
  )
}

function whereToLook(source: EffectSource): string {
  switch (source.from) {
    case 'requests':
      return `no stub answered ${source.method} ${source.url} with 2xx. Is it the method and URL that the code calls`
    case 'rows':
      return 'its query gave no row at the end. Does it read what the handler writes, and is that store in `stores`'
    case 'journal':
      return `nothing was added to journal("${source.name}"). Does the code add to this very journal`
    case 'reads':
      return `no client showed it. Does an operation of actor("${source.actor}") run`
    default:
      return source satisfies never
  }
}

/** Operations that never worked, each with how it ended first; `undefined` where it never ended. */
export function neverOkText(ends: ReadonlyMap<string, Completion | undefined>): string {
  const ended = [...ends].map(([operation, end]) =>
    end === undefined
      ? `${operation} never ended`
      : `${operation} ended with ${withAnswer(end.why ?? 'an unknown outcome', end.value)}`,
  )
  const names = [...ends.keys()].join(', ')
  return `${names}: never answered ok in any history, so nothing was tested there (${ended.join('; ')}).`
}

/** What stores do not show: those that report no calls, and what others say of themselves. */
export function storeLimitTexts({ stores = [] }: System): readonly string[] {
  const unseen = stores.filter((store) => store.unseen === true).map(({ name }) => `"${name}"`)
  const limits = stores.flatMap(({ limits }) => (limits === undefined ? [] : [`Not explored: ${limits}.`]))
  if (unseen.length === 0) return limits
  return [
    ...limits,
    `Not explored on ${unseen.join(', ')}: a crash directly after a call, and what one process does between two ` +
      'calls of another. store() sees no calls.',
  ]
}

/** Stores before which one process waited for another in memory. */
export function entangledText(stores: readonly string[]): string {
  return (
    `Before they used ${stores.map((name) => `"${name}"`).join(', ')}, processes waited for each other in memory ` +
    'that two processes do not share, such as a lock of their module: what they do without it was not explored. ' +
    'Make it in the factory, serve(() => createApp(), { instances }); a fake of something remote is a port().'
  )
}

/** Lengths of time of the sources, or seen, that no gap and no fault of a history was as long as. */
export function leftLengthsText({ leftMs, mostMs }: Lengths, isBounded: boolean): string {
  const lengths = leftMs.toSorted((a, b) => a - b).map(durationWords)
  const some = lengths.length > 3 ? [...lengths.slice(0, 3), 'longer ones'] : lengths
  const why = isBounded
    ? 'faultsForMs allows no longer ones: give more, or leave it out.'
    : 'the system is busy while nobody asks it, so that longer ones take too many steps. Test without what polls, or ' +
      'let it poll less often.'
  const most = durationWords(Math.floor(mostMs))
  return `Lengths of time over ${most} were not tried (there are ${some.join(', ')}): ${why}`
}

/** Stores of several processes. */
export function untriedOrderText(stores: readonly string[]): string {
  return (
    `Not explored on ${stores.map((name) => `"${name}"`).join(', ')}: what one process does between two statements ` +
    'of another. No two of them ever used it at the same moment, one to change what the other reads. Let operations ' +
    'overlap: more clients, doubleSubmit, inputs that repeat.'
  )
}

/**
 * What time did not suffice for: single faults, or sets of them that were asked for, which fails the test; random
 * histories, which does not.
 */
export function cutTexts(
  { perfect, orders, singles, again, consequences, sets = [], exhaustive, swarm }: Explored,
  tookMs: number,
): { readonly unfinished?: string; readonly cutShort?: string } {
  const { run, total = run } = swarm
  const others = perfect.run + (orders?.run ?? 0) + (again?.run ?? 0) + (consequences?.run ?? 0)
  const larger = largerSets(sets, exhaustive)
  const ran = others + singles.run + sum(larger.map((one) => one.run)) + run
  const all = others + singles.total + sum(larger.map((one) => one.total)) + total
  const needMs = (tookMs / Math.max(1, ran)) * all
  const left = [{ ...singles, what: 'single faults' }, ...larger].find((one) => one.run < one.total)
  return {
    ...(left === undefined ? {} : { unfinished: unfinishedText(left, tookMs, needMs) }),
    ...(run < total ? { cutShort: cutShortText(swarm, needMs) } : {}),
  }
}

/** Something that must be finished: how much of it was run. */
interface MustFinish {
  readonly what: string
  readonly run: number
  readonly total: number
  /** What to write in place of more time. @default nothing */
  readonly instead?: string
}

/** The sets of two faults and more that were asked for, also those that were not begun. */
function largerSets(sets: readonly ExploredSets[], exhaustive: Exhaustive | undefined): readonly MustFinish[] {
  return (exhaustive?.asked ?? []).slice(1).map(({ count, about }, index) => {
    const faults = index === 0 ? 2 : 3
    const { run = 0, total = count } = sets.find((one) => one.faults === faults) ?? {}
    const what = `${setsWords(faults)}${about === true ? ', by an estimate' : ''}`
    return { what, run, total, instead: `exhaustive: ${faults - 1}` }
  })
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0)
}

/** The random part was cut short, which fails no test. */
function cutShortText({ run, total = run }: Explored['swarm'], needMs: number): string {
  return (
    `Time ran out: ${run} of ${total} random histories were run. All of them need about ${spanWords(needMs)} here: ` +
    `${limitAdvice(needMs)}, or lower numRuns.`
  )
}

/** Single faults were left, or sets of them that were asked for, which fails the test. */
function unfinishedText({ what, run, total, instead }: MustFinish, tookMs: number, needMs: number): string {
  return (
    `Time ran out after ${countWords(run)} of ${countWords(total)} ${what}, in ${spanWords(tookMs)}, so the test ` +
    `shows nothing about the others. All of them need about ${spanWords(needMs)} here: ${limitAdvice(needMs)}, or ` +
    `${instead === undefined ? '' : `${instead}, or `}name fewer kinds of fault in \`tolerates\`.`
  )
}

/** Half as long again as is needed, since machines differ, and a fifth of the limit is kept for the report. */
function limitAdvice(needMs: number): string {
  const minutes = Math.ceil((needMs * 1.5) / 0.8 / 60_000)
  return `write { timeout: ${minutes * 60}_000 } (with assess or resilience, { timeLimitMs: ${minutes * 60}_000 })`
}

/** Faults that the test names, where time did not let all random histories run. */
export function notFiredText(missed: readonly string[]): string {
  return `Never fired so far, though \`tolerates\` names them: ${missed.join(', ')}.`
}

const [fewest, mostRarely] = [20, 0.1] as const

/** Invariants that were not vacuous in only few histories, each with advice. */
export function rareTexts(folded: readonly Folded[]): readonly string[] {
  return folded.flatMap((one) => {
    const all = historiesOf(one)
    const seen = all - one.counts.vacuous
    if (one.kind !== 'holds' || all < fewest || seen >= mostRarely * all) return []
    const why = one.idle === undefined ? '' : ` In others: ${one.idle}`
    return [
      `${one.invariant} could be judged in only ${seen} of ${all} histories.${why} To have it judged more often, ` +
        'give its operations a larger share (fewer others, or the same one twice in `operations`), more operations ' +
        'to a history (maxOperations), and inputs that repeat: fc.constantFrom of a few keys.',
    ]
  })
}

/** Invariants that nothing in any history could have violated. */
export function weakTexts(folded: readonly Folded[]): readonly string[] {
  return folded.flatMap((one) =>
    one.weak === undefined || historiesOf(one) < fewest
      ? []
      : [`${one.invariant} could not fail in any of ${historiesOf(one)} histories, so it shows nothing: ${one.weak}`],
  )
}

/** What the code of a node threw on a perfect network. */
interface ThrewAlone {
  readonly node: string
  readonly text: string
  readonly died: boolean
}

/** A handler that throws although no fault struck, or what runs beside it. */
export function threwAloneText({ node, text, died }: ThrewAlone): string {
  const outcome = died ? 'nobody caught it, so that its process died' : 'its caller was answered 500'
  const advice = died
    ? 'Catch it, or await it in the handler: it is a bug that needs no fault.'
    : 'If that is meant, answer with a status; if not, it is a bug that needs no fault.'
  return `On a perfect network, "${node}" threw ${text}, and ${outcome}. No invariant objects. ${advice}`
}
