// The set. Knows acts only.
import type { Model } from '../../model.ts'
import { alike, contentOf } from '../content.ts'
import { mayAnswer, noSuchAct } from './acts.ts'

/**
 * A set: `add` and `remove` take an element, `contains` says `false` if it is not there, `read` returns all elements in any order.
 *
 * @example
 * linearizable(set())
 */
export function set(): Model<readonly unknown[]> {
  return {
    name: 'set',
    initial: () => [],
    step(state, act) {
      const has = state.some((element) => alike(element, act.input))
      switch (act.f) {
        case 'add': return has ? state : sorted([...state, act.input])
        case 'remove': return has ? state.filter((element) => !alike(element, act.input)) : state
        case 'contains': return mayAnswer(act, has) ? state : undefined
        case 'read': return act.output === undefined || isSame(state, act.output) ? state : undefined
        default: throw noSuchAct('set', act, ['add', 'remove', 'contains', 'read'])
      }
    },
    readOnly: ({ f }) => f === 'read' || f === 'contains',
  }
}

function isSame(state: readonly unknown[], output: unknown): boolean {
  if (output === null) return state.length === 0
  return Array.isArray(output) && output.length === state.length && alike(state, sorted(output))
}

function sorted(elements: readonly unknown[]): readonly unknown[] {
  return elements.map((element) => [contentOf(element), element] as const).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, element]) => element)
}
