// What happens to a request at a node where no place is free, in plain words. Must not know the page.
import type { QueueEvent } from '../history/history.ts'
import { durationWords } from '../plain/time.ts'
import { printable } from './ink.ts'
import type { Point } from './row.ts'
import type { Trail } from './trail.ts'

const signs = { waits: '.', begins: 'o', refused: '!' } as const

/** `GET /price waits for a place (3 ahead)`. */
export function queuePoint(trail: Trail, event: QueueEvent): Point {
  const operation = trail.addressOf(event)?.operation
  const words = wordsOf(trail, event)
  return {
    kind: 'point',
    node: event.node,
    sign: signs[event.step],
    pieces: [
      {
        text: operation === undefined ? words : `${printable(operation)} ${words}`,
        tone: event.step === 'refused' ? 'bad' : 'plain',
      },
    ],
  }
}

function wordsOf(trail: Trail, { step, ahead = 0, cause, atMs }: QueueEvent): string {
  switch (step) {
    case 'waits':
      return ahead === 0 ? 'waits for a place' : `waits for a place (${ahead} ahead)`
    case 'begins':
      return `begins after ${durationWords(atMs - (trail.event(cause)?.atMs ?? atMs))}`
    case 'refused':
      return 'refused: queue full'
    default:
      return step satisfies never
  }
}
