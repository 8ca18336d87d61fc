// The set. Knows acts only.
import type { Act } from '../../act.ts'
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
      switch (act.f) {
        case 'add': return added(state, act.input)
        case 'remove': return state.filter((element) => !alike(element, act.input))
        case 'contains': return mayAnswer(act, isIn(state, act.input)) ? state : undefined
        case 'read': return act.output === undefined || isSame(state, act.output) ? state : undefined
        default: throw noSuchAct('set', act, ['add', 'remove', 'contains', 'read'])
      }
    },
    readOnly: ({ f }) => f === 'read' || f === 'contains',
    helps,
  }
}

/** Elements stand in order of their contents. */
function added(state: readonly unknown[], element: unknown): readonly unknown[] {
  const content = contentOf(element)
  let [low, high] = [0, state.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (contentOf(state[middle]) < content) low = middle + 1
    else high = middle
  }
  return alike(state[low], element) && low < state.length ? state : state.toSpliced(low, 0, element)
}

function isIn(elements: readonly unknown[], element: unknown): boolean {
  return elements.some((one) => alike(one, element))
}

function isSame(state: readonly unknown[], output: unknown): boolean {
  if (output === null) return state.length === 0
  return Array.isArray(output) && output.length === state.length && alike(state, output.reduce(added, []))
}

/** Too many elements have to go before one more is of use. */
function helps(state: readonly unknown[], act: Act, { f, input }: Act): boolean {
  if (act.f === 'contains') return alike(act.input, input)
  const wanted: readonly unknown[] = Array.isArray(act.output) ? act.output : []
  const surplus = state.find((element) => !isIn(wanted, element))
  return surplus === undefined ? f === 'add' && isIn(wanted, input) : f === 'remove' && !isIn(wanted, input)
}
