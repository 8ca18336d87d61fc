// The model of a key-value store, with values that can be appended to. Knows acts only.
import type { Act } from '../../history/act.ts'
import type { Model } from '../../system/model.ts'
import { alike } from '../content.ts'
import { isNumeric } from '../exact-sum.ts'
import { shown } from '../reason-words.ts'
import { noSuchAct, readable } from './read-act.ts'

/**
 * A store of values by key: `put` sets a value, `get` returns it, `append` adds text to the end of it. Each key is
 * judged on its own.
 *
 * @param initial the value of a key before the first put
 * @default null
 * @example
 * linearizable(keyValue(''), [get.as(({ key }, answer) => ({ f: 'get', key, output: answer?.body }))])
 */
export function keyValue(initial: unknown = null): Model<unknown> {
  return {
    name: 'value',
    initial: () => initial,
    step(state, act) {
      switch (act.f) {
        case 'get':
          return readable(act, state) ? state : undefined
        case 'put':
          return act.input ?? null
        case 'append':
          return appended(state, act.input)
        default:
          throw noSuchAct('key-value', act, ['get', 'put', 'append'])
      }
    },
    readOnly: ({ f }) => f === 'get',
    needs: (state, { output }) => [(by) => isBefore(state, output, by)],
  }
}

/** Whether an act can lead towards the value that was read: a put of its beginning, or an append of what follows. */
function isBefore(state: unknown, output: unknown, { f, input }: Act): boolean {
  if (typeof output !== 'string' || !isText(input)) return alike(input ?? null, output)
  const before = f === 'append' && isText(state) ? textOf(state) : ''
  return output.startsWith(textOf(input), before.length) && output.startsWith(before)
}

function appended(state: unknown, input: unknown): string {
  if (!isText(state) || !isText(input))
    throw new Error(`The model key-value cannot append ${shown(input)} to ${shown(state)}; both have to be texts.`)
  return textOf(state) + textOf(input)
}

/** Whether a value can be appended to; `null` counts as the empty text. */
function isText(value: unknown): value is string | number | bigint | null {
  return typeof value === 'string' || isNumeric(value) || value === null
}

function textOf(value: string | number | bigint | null): string {
  return value === null ? '' : String(value)
}
