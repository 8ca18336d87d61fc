// The model of a counter. Knows acts only.
import type { Model } from '../../system/model.ts'
import { exactSum, isNumeric, plainNumber } from '../exact-sum.ts'
import { noSuchAct, numberIn, readable } from './read-act.ts'

/**
 * A number that `add` changes by its input and `read` returns.
 *
 * @param initial its initial value
 * @default 0
 * @example
 * linearizable(counter(), [
 *   like.as(() => ({ f: 'add', input: 1 })),
 *   likes.as((_, answer) => ({ f: 'read', output: answer })),
 * ])
 */
export function counter(initial: number | bigint = 0): Model<number | bigint> {
  return {
    name: 'counter',
    initial: () => exactSum(initial, 0),
    step(state, act) {
      switch (act.f) {
        case 'read':
          return readable({ ...act, output: plainNumber(act.output) }, state) ? state : undefined
        case 'add':
          return exactSum(state, numberIn('counter', act, act.input))
        default:
          throw noSuchAct('counter', act, ['read', 'add'])
      }
    },
    readOnly: ({ f }) => f === 'read',
    needs: (state, { output }) => [
      ({ input }) => isNumeric(output) && isNumeric(input) && output > state === input > 0,
    ],
  }
}
