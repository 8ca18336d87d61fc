// The model of a set. Knows acts only.
import type { Act } from '../../history/act.ts'
import type { Model, Need } from '../../system/model.ts'
import { alike, contentOf } from '../content.ts'
import { mayAnswer, noSuchAct } from './read-act.ts'

/**
 * A set: `add` and `remove` take an element, `contains` returns `false` if it is not there, `read` returns all elements
 * in any order.
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
        case 'add':
          return added(state, act.input)
        case 'remove':
          return state.filter((element) => !alike(element, act.input))
        case 'contains':
          return mayAnswer(act, isIn(state, act.input)) ? state : undefined
        case 'read':
          return act.output === undefined || isSame(state, act.output) ? state : undefined
        default:
          throw noSuchAct('set', act, ['add', 'remove', 'contains', 'read'])
      }
    },
    readOnly: ({ f }) => f === 'read' || f === 'contains',
    needs,
  }
}

/** The state with one more element; elements are sorted by content. */
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
  const elements = elementsOf(output)
  return elements?.length === state.length && alike(state, elements.reduce<readonly unknown[]>(added, []))
}

/** The elements of a list, or of a Set, which EDN has. */
function elementsOf(output: unknown): readonly unknown[] | undefined {
  return output instanceof Set ? [...(output as ReadonlySet<unknown>)] : Array.isArray(output) ? output : undefined
}

/** What has to happen before a read: each missing element is added, and each surplus element removed. */
function needs(state: readonly unknown[], { f, input, output }: Act): readonly Need[] {
  if (f === 'contains') return [(by) => alike(by.input, input)]
  const wanted = elementsOf(output) ?? []
  const change =
    (how: 'add' | 'remove', element: unknown): Need =>
    (by) =>
      by.f === how && alike(by.input, element)
  return [
    ...wanted.filter((element) => !isIn(state, element)).map((element) => change('add', element)),
    ...state.filter((element) => !isIn(wanted, element)).map((element) => change('remove', element)),
  ]
}
