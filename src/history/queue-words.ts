// What happens to a request at a node where no place is free, in plain words. Must not know where they are shown.
import { durationWords } from '../plain/time.ts'
import type { HistoryEvent, QueueEvent } from './history.ts'

/** `waits for a place (3 ahead)`. `at`: gives the other events of its history. */
export function queueWords(
  { step, ahead = 0, cause, atMs }: QueueEvent,
  at: (seq: number) => HistoryEvent | undefined,
): string {
  switch (step) {
    case 'waits':
      return ahead === 0 ? 'waits for a place' : `waits for a place (${ahead} ahead)`
    case 'begins':
      return `begins after ${durationWords(atMs - (at(cause)?.atMs ?? atMs))}`
    case 'refused':
      return 'refused: queue full'
    default:
      return step satisfies never
  }
}
