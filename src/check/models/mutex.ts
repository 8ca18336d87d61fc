// The model of a lock that hands out fencing tokens, and of the resource that it guards. Knows acts only.
import type { Act } from '../../history/act.ts'
import type { Model } from '../../system/model.ts'
import { isNumeric, type Numeric } from '../exact-sum.ts'
import { mayAnswer, noSuchAct, numberIn } from './read-act.ts'

/** A lock, and the resource that it guards. */
export interface Mutex {
  /** The holder's token; true if the token is not known, null while nobody holds the lock. */
  readonly holder: number | bigint | true | null
  /** The highest token handed out. */
  readonly highest: number | bigint
  /** The highest token that the resource has seen. */
  readonly seen: number | bigint
}

/**
 * A lock with fencing tokens (Kleppmann, "How to do distributed locking", 2016). `acquire` returns a token higher than
 * all before (or anything but a number, if the lock has no tokens), or `false` while someone holds the lock. `release`
 * takes the token, or `null`. `use` passes a token to the resource, which returns `false` if it has seen a higher one.
 *
 * @example
 * linearizable(mutex(), [
 *   lock.as((_, answer) => ({ f: 'acquire', output: answer })),
 *   unlock.as((token) => ({ f: 'release', input: token })),
 * ])
 */
export function mutex(): Model<Mutex> {
  return {
    name: 'lock',
    initial: () => ({ holder: null, highest: 0, seen: 0 }),
    step(state, act) {
      switch (act.f) {
        case 'acquire':
          return acquire(state, act)
        case 'release':
          return release(state, act)
        case 'use':
          return use(state, numberIn('mutex', act, act.input), act)
        default:
          throw noSuchAct('mutex', act, ['acquire', 'release', 'use'])
      }
    },
  }
}

function acquire(state: Mutex, { output }: Act): Mutex | undefined {
  if (output === false || (output === undefined && state.holder !== null))
    return state.holder === null ? undefined : state
  if (state.holder !== null) return undefined
  if (!isNumeric(output)) return { ...state, holder: true }
  return output > state.highest ? { ...state, holder: output, highest: output } : undefined
}

function release(state: Mutex, { input, output }: Act): Mutex | undefined {
  const isHolder = state.holder !== null && (!isNumeric(input) || state.holder === true || state.holder === input)
  if (!isHolder) return output === undefined ? state : undefined
  return { ...state, holder: null }
}

function use(state: Mutex, token: Numeric, act: Act): Mutex | undefined {
  const isFresh = token >= state.seen
  if (!mayAnswer(act, isFresh)) return undefined
  return isFresh ? { ...state, seen: token } : state
}
