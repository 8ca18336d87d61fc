// The joint model: all keys of a model as one state, for orders that cannot be found key by key. A joint state holds a
// number for the state of each key, so that joint states are cheap to compare. Knows models only.
import type { Act } from '../../history/act.ts'
import type { Model } from '../../system/model.ts'
import { Interned } from '../content.ts'
import { keyOf } from './state-partition.ts'

/** A joint model, which can show the state of the key that an act is about. */
export interface Standing extends Model<readonly number[]> {
  jointPart(state: readonly number[], act: Act): unknown
}

/** The joint model for these keys. Its state is a list of numbers, one for each key, in this order. */
export function joint(model: Model<unknown>, keys: readonly (string | number | undefined)[]): Standing {
  const places = new Map(keys.map((key, place) => [key, place]))
  const states = new Interned()
  const placeOf = (act: Act): number => places.get(keyOf(model, act)) ?? 0
  const jointPart = (state: readonly number[], act: Act): unknown => states.values[state[placeOf(act)] ?? 0]
  return {
    name: model.name,
    initial: () => keys.map(() => states.idOf(model.initial())),
    step(state, act) {
      const next = model.step(jointPart(state, act), act)
      return next === undefined ? undefined : state.with(placeOf(act), states.idOf(next))
    },
    key: () => undefined,
    readOnly: (act) => model.readOnly?.(act) === true,
    jointPart,
  }
}

export function isStanding(model: Model<unknown>): model is Standing {
  return 'jointPart' in model
}
