// The law of pointers, checked on the text of a story: every event of a reason has a line with a pointer, and no other
// line has one.
import { expect } from 'vitest'
import { invocationOf } from '../../src/scenario/address.ts'
import type { History, HistoryEvent } from '../../src/history/history.ts'
import { clockWords } from '../../src/plain/time.ts'
import { storyOf } from '../../src/report/story-of.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import type { Reason } from '../../src/verdict/reason.ts'

/** Fails if the story does not point at an event of the reason, or points at anything else. */
export function expectPointed(history: History, scenario: Scenario, reason: Reason): void {
  const story = storyOf(history, scenario, { reason, width: 500, maxRows: 10_000 })
  const pointing = story
    .split('\n')
    .filter((line) => line.includes('<- '))
    .map((line) => line.trimStart().split(' ')[0] ?? '')
  const known = reason.events.flatMap((seq) => history.events[seq] ?? [])
  const allowed = known.map((event) => timesOf(history, event).map(clockWords))

  for (const [index, times] of allowed.entries())
    expect(
      times.some((time) => pointing.includes(time)),
      `not pointed at: ${JSON.stringify(known[index])} of "${reason.text}" in\n${story}`,
    ).toBe(true)
  for (const time of pointing)
    expect(
      allowed.some((times) => times.includes(time)),
      `pointed at, at ${time}, beside "${reason.text}" in\n${story}`,
    ).toBe(true)
}

/** The times at which a line may show an event: its own, or that of the message or operation that shows it. */
function timesOf(history: History, event: HistoryEvent): readonly number[] {
  const { events } = history
  switch (event.kind) {
    case 'invoke':
      return [event.atMs, ...ofInvocation(events, event.invocation)]
    case 'ok':
    case 'fail':
    case 'info':
      return [event.atMs, ...repliesBefore(events, event)]
    case 'arrive':
    case 'lost':
      return [event.atMs, ...timesAt(events, event.cause)]
    case 'fault':
      return [event.atMs, ...events.filter(({ seq }) => seq === event.cause).map(({ atMs }) => atMs)]
    default:
      return [event.atMs]
  }
}

function timesAt(events: readonly HistoryEvent[], seq: number): readonly number[] {
  const event = events[seq]
  return event === undefined ? [] : [event.atMs]
}

/** The end of an operation (or the reply that brought it), and its first message. */
function ofInvocation(events: readonly HistoryEvent[], invocation: number): readonly number[] {
  const ends = events.filter(
    (event) =>
      (event.kind === 'ok' || event.kind === 'fail' || event.kind === 'info') && event.invocation === invocation,
  )
  const sent = events.find((event) => event.kind === 'send' && invocationOf(event.address.root) === invocation)
  return [
    ...ends.flatMap((end) => [end.atMs, ...repliesBefore(events, end)]),
    ...(sent === undefined ? [] : [sent.atMs]),
  ]
}

/** When the replies left that arrived as an operation ended. */
function repliesBefore(events: readonly HistoryEvent[], end: HistoryEvent): readonly number[] {
  return events.flatMap((event) =>
    event.kind === 'arrive' && event.atMs === end.atMs && event.node === end.node ? timesAt(events, event.cause) : [],
  )
}
