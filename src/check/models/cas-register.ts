// The model of a register with compare-and-set. Knows acts only.
import type { Act } from '../../history/act.ts'
import type { Model } from '../../system/model.ts'
import { alike } from '../content.ts'
import { shown } from '../reason-words.ts'
import { mayAnswer, noSuchAct, readable } from './read-act.ts'

/**
 * A register that `write` sets, `read` returns, and `cas` with the input `[from, to]` sets to `to` if it is `from`. A
 * `cas` with the output `false` found another value. A `cas` that failed, in the sense of recorded histories, did not
 * happen and shows nothing.
 *
 * @param initial its initial value
 * @default null
 * @example
 * linearizable(casRegister(0))
 */
export function casRegister(initial: unknown = null): Model<unknown> {
  return {
    name: 'register',
    initial: () => initial,
    step(state, act) {
      switch (act.f) {
        case 'read':
          return readable(act, state) ? state : undefined
        case 'write':
          return act.input ?? null
        case 'cas':
          return compareAndSet(state, act)
        default:
          throw noSuchAct('cas-register', act, ['read', 'write', 'cas'])
      }
    },
    readOnly: ({ f }) => f === 'read',
    needs: (_, { output }) => [
      ({ f, input }) => alike((f === 'cas' && Array.isArray(input) ? input[1] : input) ?? null, output),
    ],
  }
}

function compareAndSet(state: unknown, act: Act): unknown {
  if (!Array.isArray(act.input) || act.input.length !== 2)
    throw new Error(`A cas of ${shown(act.input)} is none; its input is [from, to].`)
  const [from, to] = act.input as readonly unknown[]
  const isFrom = alike(state, from)
  if (!mayAnswer(act, isFrom)) return undefined
  return isFrom ? (to ?? null) : state
}
