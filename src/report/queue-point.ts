// The row of a request that finds no place free at a node. Must not know the page.
import type { QueueEvent } from '../history/history.ts'
import { queueWords } from '../history/queue-words.ts'
import { printable } from './ink.ts'
import type { Point } from './row.ts'
import type { Trail } from './trail.ts'

const signs = { waits: '.', begins: 'o', refused: '!' } as const

/** `GET /price waits for a place (3 ahead)`. */
export function queuePoint(trail: Trail, event: QueueEvent): Point {
  const operation = trail.addressOf(event)?.operation
  const words = queueWords(event, trail.event)
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
