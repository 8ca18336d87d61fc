// Whether what a user's `as(...)` gave is an act or a transaction. A misspelt part would be ignored, and a sound store
// would be blamed for a value that nobody wrote. Knows no model.
import type { Act, MicroOp } from '../history/act.ts'
import { mostSimilar } from '../plain/suggestion.ts'
import { MeaningError } from './meaning-error.ts'
import { list, shown } from './reason-words.ts'

const parts: Record<keyof Act, true> = { f: true, key: true, input: true, output: true, isOutputUnknown: true }

/** @throws MeaningError if it is no act; `of`: `put.as(...)` */
export function assertAct(of: string, act: unknown): void {
  if (typeof act !== 'object' || act === null || !('f' in act) || typeof act.f !== 'string')
    throw new MeaningError(`${of} gave ${shown(act)}, which is no act. Give { f, key, input, output }, f a text.`)
  const f = JSON.stringify(act.f)
  const odd = Object.keys(act).find((part) => !(part in parts))
  const near = odd === undefined ? undefined : mostSimilar(odd, Object.keys(parts))
  if (odd !== undefined)
    throw new MeaningError(
      `${of} gave ${shown(act)}, and an act has no "${odd}". Write what is asked as input and what came back as ` +
        `output: { f: ${f}, key, input, output }.${near === undefined ? '' : ` Did you mean "${near}"?`}`,
    )
  if (writes.has(act.f) && (!('input' in act) || act.input === undefined))
    throw new MeaningError(
      `${of} gave ${shown(act)}, which writes nothing. Give what it writes, null for nothing: ` +
        `{ f: ${f}, input: value }.`,
    )
}

/** Acts that write what they are asked with. A value that is not there is `null`. */
const writes: ReadonlySet<string> = new Set(['write', 'put', 'append', 'enqueue', 'cas'])

const micros: Record<MicroOp[0], true> = { r: true, w: true, append: true }

/** @throws MeaningError if it is no transaction; `of`: `put.as(...)` */
export function assertTransaction(of: string, transaction: unknown): void {
  if (Array.isArray(transaction) && transaction.every(isMicro)) return
  throw new MeaningError(
    `${of} gave ${shown(transaction)}, which is no transaction. Give a list of ` +
      `${list(['["r", key, value]', '["w", key, value]', '["append", key, element]'])}, keys texts or numbers.`,
  )
}

function isMicro(micro: unknown): boolean {
  if (!Array.isArray(micro) || micro.length < 2 || micro.length > 3) return false
  const [f, key] = micro as readonly unknown[]
  return typeof f === 'string' && Object.hasOwn(micros, f) && (typeof key === 'string' || typeof key === 'number')
}
