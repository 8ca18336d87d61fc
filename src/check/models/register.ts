// The model of a register: a read returns the last write. Knows acts only.
import type { Model } from '../../system/model.ts'
import { alike } from '../content.ts'
import { noSuchAct, readable } from './read-act.ts'

/**
 * A register that `write` sets to its input and `read` returns.
 *
 * @param initial its initial value
 * @default null
 * @example
 * linearizable(register(), [
 *   get.as((_, answer) => ({ f: 'read', output: answer?.body })),
 *   put.as((value) => ({ f: 'write', input: value })),
 * ])
 */
export function register(initial: unknown = null): Model<unknown> {
  return {
    name: 'register',
    initial: () => initial,
    step(state, act) {
      switch (act.f) {
        case 'read':
          return readable(act, state) ? state : undefined
        case 'write':
          return act.input ?? null
        default:
          throw noSuchAct('register', act, ['read', 'write'])
      }
    },
    readOnly: ({ f }) => f === 'read',
    needs: (_, { output }) => [({ input }) => alike(input ?? null, output)],
  }
}
