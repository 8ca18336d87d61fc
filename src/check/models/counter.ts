// The counter. Knows acts only.
import type { Model } from '../../system/model.ts'
import { noSuchAct, numberIn, readable } from './read-act.ts'

/**
 * A number that `add` changes by its input and `read` returns.
 *
 * @param initial where it starts
 * @default 0
 * @example
 * linearizable(counter(), [like.as(() => ({ f: 'add', input: 1 })), likes.as((_, answer) => ({ f: 'read', output: answer }))])
 */
export function counter(initial = 0): Model<number> {
  return {
    name: 'counter',
    initial: () => initial,
    step(state, act) {
      switch (act.f) {
        case 'read':
          return readable(act, state) ? state : undefined
        case 'add':
          return state + numberIn('counter', act, act.input)
        default:
          throw noSuchAct('counter', act, ['read', 'add'])
      }
    },
    readOnly: ({ f }) => f === 'read',
    needs: (state, { output }) => [({ input }) => Number(output) > state === Number(input) > 0],
  }
}
