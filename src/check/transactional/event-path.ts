// Finds a path along dependencies from one event to another, through events that are not placed yet. Must not know what
// the path is for.
import { bug } from '../../plain/bug.ts'
import type { EventGraph } from './event-graph.ts'
import type { StepBudget } from './order-search.ts'

/**
 * A constraint that the search has learnt: one event has to come before another. It is certain if every order of these
 * nodes obeys it.
 */
export interface Learnt {
  readonly from: number
  readonly to: number
  readonly isCertain: boolean
  readonly nodes: ReadonlySet<number>
}

/** The nodes on a path, and whether every order obeys it. */
export interface EventPath {
  readonly isCertain: boolean
  readonly nodes: ReadonlySet<number>
}

/** The data in which a path is searched. */
export interface PathSearch {
  readonly graph: EventGraph
  readonly isLaid: Uint8Array
  readonly learntTo: ReadonlyMap<number, readonly Learnt[]>
  readonly steps: StepBudget
}

/** How the search reached an event: the next event on the path, and the learnt constraint if that was the step. */
interface Came {
  readonly next: number
  readonly learnt?: Learnt
}

/** A shortest path; undefined if there is none. */
export function eventPath(from: number, to: number, search: PathSearch): EventPath | undefined {
  const { graph, isLaid, learntTo, steps } = search
  const came = new Map<number, Came>([[to, { next: -1 }]])
  const queue = [to]
  const { start, to: earlier } = graph.before
  for (let at = 0; at < queue.length && !came.has(from); at++) {
    const event = queue[at] ?? 0
    const visit = (before: number, learnt?: Learnt): void => {
      steps.left -= 1
      if (isLaid[before] === 1 || came.has(before)) return
      came.set(before, learnt === undefined ? { next: event } : { next: event, learnt })
      queue.push(before)
    }
    for (let place = start[event] ?? 0; place < (start[event + 1] ?? 0); place++) visit(earlier[place] ?? 0)
    for (const learnt of learntTo.get(event) ?? []) visit(learnt.from, learnt)
  }
  return came.has(from) ? walked(graph, from, came) : undefined
}

function walked({ nodeOf }: EventGraph, from: number, came: ReadonlyMap<number, Came>): EventPath {
  const nodes = new Set<number>()
  let isCertain = true
  for (let event = from; event >= 0;) {
    nodes.add(nodeOf(event))
    const step = came.get(event)
    if (step === undefined) bug('a path through an event that was not visited')
    if (step.learnt !== undefined) {
      isCertain &&= step.learnt.isCertain
      for (const node of step.learnt.nodes) nodes.add(node)
    }
    event = step.next
  }
  return { isCertain, nodes }
}
