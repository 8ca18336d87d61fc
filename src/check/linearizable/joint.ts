// The joint model: all parts of a state as one, for orders that cannot be found part by part. Its states are numbers of
// the parts' states, so that they are cheap to compare. Knows models only.
import type { Act } from '../../history/act.ts'
import type { Model } from '../../system/model.ts'
import { Interned } from '../content.ts'
import { keyOf } from './state-partition.ts'

/** A model that stands for another, and can show the state of the part that an act is about. */
export interface Standing extends Model<readonly number[]> {
  jointPart(state: readonly number[], act: Act): unknown
}

/** All parts of a model's state, one number each in order of these keys. */
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
