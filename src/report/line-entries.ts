// The lines of the user's code that matter in a failure: those that made the contradicting effects or retried a call.
// Must not know the page.
import type { HistoryEvent } from '../history/history.ts'
import type { Counterexample } from '../verdict/counterexample.ts'
import { involvedIn } from '../verdict/reason.ts'
import type { Labelled } from './block.ts'
import { printable } from './ink.ts'
import { repeatsOf } from './sent-again.ts'
import { ancestors, trailOf } from './trail.ts'

const mostLines = 4

/** `charge: src/shop.ts:31`, one entry a line; nothing where no line is known. */
export function lineEntries({ history, scenario, violation }: Counterexample): readonly Labelled[] {
  const { details = [] } = history
  if (details.length === 0) return []
  const at = new Map(details.map((detail) => [detail.event, detail.at]))
  const trail = trailOf(history, scenario)
  const pointed = involvedIn(violation.reason).flatMap((seq) => trail.event(seq) ?? [])
  const lines = new Map<string, string>()
  // An effect at an outside host has no line of the user's code; the call that requested it may have one
  const lineOf = (event: HistoryEvent): string | undefined => {
    const near = ancestors(event, trail.event).find(({ seq, kind }) => at.get(seq) !== undefined || kind === 'send')
    return near === undefined ? undefined : at.get(near.seq)
  }
  const note = (event: HistoryEvent, words: string): void => {
    const line = lineOf(event)
    if (line !== undefined && !lines.has(line)) lines.set(line, words)
  }
  const callWords = (event: HistoryEvent): string =>
    event.kind === 'effect' ? event.effect : (trail.addressOf(event)?.operation ?? event.kind)
  for (const event of pointed) note(event, callWords(event))
  for (const { again: event } of repeatsOf(trail).values()) note(event, `retry of ${callWords(event)}`)
  return [...lines]
    .slice(0, mostLines)
    .map(([line, words]): Labelled => ({ label: 'Code', text: `${line}  ${printable(words)}`, verbatim: true }))
}
