// Checks that a user's `as(...)` returned an act or a transaction. Otherwise a misspelt field would be ignored, and a
// correct store would be blamed for a value that nobody wrote. Knows no model.
import type { Act, MicroOp } from '../history/act.ts'
import { mostSimilar } from '../plain/suggestion.ts'
import { MeaningError } from './meaning-error.ts'
import { list, shown } from './reason-words.ts'

const parts: Record<keyof Act, true> = { f: true, key: true, input: true, output: true, isOutputUnknown: true }

/** @throws MeaningError if it is no act; `of`: `put.as(...)` */
export function assertAct(of: string, act: unknown): void {
  if (typeof act !== 'object' || act === null || !('f' in act) || typeof act.f !== 'string')
    throw new MeaningError(
      `${of} returned ${shown(act)}, which is no act. Return { f, key, input, output } with a string f.`,
    )
  const f = JSON.stringify(act.f)
  const odd = Object.keys(act).find((part) => !(part in parts))
  const near = odd === undefined ? undefined : mostSimilar(odd, Object.keys(parts))
  if (odd !== undefined)
    throw new MeaningError(
      `${of} returned ${shown(act)}, but an act has no "${odd}". Return what was asked as input, and the answer as ` +
        `output: { f: ${f}, key, input, output }.${near === undefined ? '' : ` Did you mean "${near}"?`}`,
    )
  if (writes.has(act.f) && (!('input' in act) || act.input === undefined))
    throw new MeaningError(
      `${of} returned ${shown(act)}, which writes nothing. Return the written value, or null for no value: ` +
        `{ f: ${f}, input: value }.`,
    )
}

/** Acts that write their input. `null` stands for no value. */
const writes: ReadonlySet<string> = new Set(['write', 'put', 'append', 'enqueue', 'cas'])

const micros: Record<MicroOp[0], true> = { r: true, w: true, append: true }

/** @throws MeaningError if it is no transaction; `of`: `put.as(...)` */
export function assertTransaction(of: string, transaction: unknown): void {
  if (Array.isArray(transaction) && transaction.every(isMicro)) return
  throw new MeaningError(
    `${of} returned ${shown(transaction)}, which is no transaction. Return a list of ` +
      `${list(['["r", key, value]', '["w", key, value]', '["append", key, element]'])}, keys strings or numbers.`,
  )
}

function isMicro(micro: unknown): boolean {
  if (!Array.isArray(micro) || micro.length < 2 || micro.length > 3) return false
  const [f, key] = micro as readonly unknown[]
  return typeof f === 'string' && Object.hasOwn(micros, f) && (typeof key === 'string' || typeof key === 'number')
}
