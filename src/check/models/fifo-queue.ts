// The model of a queue: first in, first out. Knows acts only.
import type { Model } from '../../system/model.ts'
import { noSuchAct, readable } from './read-act.ts'

/**
 * A queue: `enqueue` adds its input, `dequeue` removes the oldest element and returns it, or returns `null` if the
 * queue is empty.
 *
 * @example
 * linearizable(fifoQueue())
 */
export function fifoQueue(): Model<readonly unknown[]> {
  return {
    name: 'queue',
    initial: () => [],
    step(state, act) {
      switch (act.f) {
        case 'enqueue':
          return [...state, act.input ?? null]
        case 'dequeue':
          return readable(act, state[0] ?? null) ? state.slice(1) : undefined
        default:
          throw noSuchAct('queue', act, ['enqueue', 'dequeue'])
      }
    },
  }
}
