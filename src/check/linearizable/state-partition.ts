// Parts: the operations of a history, grouped by key. Each part is searched on its own. In a part, operations with
// equal acts have the same kind, which is a number. Knows acts and models; must not know how an order is found.
import type { Act } from '../../history/act.ts'
import type { Model } from '../../system/model.ts'
import type { Acted } from '../acts.ts'
import { contentOf } from '../content.ts'
import { actAt } from './operation-words.ts'

/** The operations on one key of the state. */
export interface StatePartition {
  readonly key: string | number | undefined
  /** First the operations that were answered ok, then the uncertain ones; each group in order of invocation. */
  readonly operations: readonly Acted<Act>[]
  /** How many operations were answered ok. */
  readonly completed: number
  /** The kind of each operation: a number that is the same for equal acts. */
  readonly kinds: readonly number[]
  /** One operation of each kind. */
  readonly samples: readonly Acted<Act>[]
  /** For each kind: whether its operations leave every state unchanged. */
  readonly readOnly: readonly boolean[]
  /** Operations that are declared read-only and whose answer is not known. They constrain nothing. */
  readonly dropped: readonly Acted<Act>[]
}

/** The parts in order of their first operation. */
export function partsOf(model: Model<unknown>, acted: readonly Acted<Act>[]): readonly StatePartition[] {
  return Array.from(
    Map.groupBy(acted, ({ act }) => keyOf(model, act)),
    ([key, operations]) => partOf(model, key, operations),
  )
}

export function keyOf(model: Model<unknown>, act: Act): string | number | undefined {
  return model.key === undefined ? act.key : model.key(act)
}

/**
 * These operations as one part. A read without an answer, or with an unknown one, constrains nothing and is dropped.
 *
 * @throws if a read-only operation was answered and its act has no output
 */
export function partOf(
  model: Model<unknown>,
  key: StatePartition['key'],
  operations: readonly Acted<Act>[],
): StatePartition {
  const reads = (one: Acted<Act>): boolean => model.readOnly?.(one.act) === true
  const isSilent = (one: Acted<Act>): boolean => one.isDamaged === true || one.act.isOutputUnknown === true
  const completed = operations
    .filter((one) => one.known && !(isSilent(one) && reads(one)))
    .map((one) => (isSilent(one) ? withoutOutput(one) : one))
  const silent = completed.find((one) => one.act.output === undefined && reads(one))
  if (silent !== undefined)
    throw new Error(
      `${actAt(silent)} only reads and was answered ok, but its act has no output; give what it read, null for ` +
        'nothing there, or isOutputUnknown: true where nobody knows.',
    )
  const doubtful = operations.filter((one) => !one.known || (one.isDamaged === true && reads(one))).map(withoutOutput)
  const uncertain = doubtful.filter((one) => !reads(one))
  return numbered(key, [...completed, ...uncertain], completed.length, reads, doubtful.filter(reads))
}

/** The act without its output, because the answer is not known. */
function withoutOutput(one: Acted<Act>): Acted<Act> {
  if (one.act.output === undefined && one.act.isOutputUnknown !== true) return one
  const { output: _, isOutputUnknown: __, ...act } = one.act
  return { ...one, act }
}

/** Makes a part, and numbers its acts; equal acts get the same number. */
export function numbered(
  key: StatePartition['key'],
  operations: readonly Acted<Act>[],
  completed: number,
  reads: (one: Acted<Act>) => boolean,
  dropped: StatePartition['dropped'] = [],
): StatePartition {
  const numbers = new Map<string, number>()
  const samples: Acted<Act>[] = []
  const kinds = operations.map((one) => {
    const content = actContent(one.act)
    const kind = numbers.get(content) ?? samples.length
    if (kind === samples.length) {
      numbers.set(content, kind)
      samples.push(one)
    }
    return kind
  })
  return { key, operations, completed, kinds, samples, readOnly: samples.map(reads), dropped }
}

/**
 * A text that is the same for equal acts. The general form is slower, so it is used only for acts with further fields.
 */
function actContent(act: Act): string {
  for (const name in act)
    if (name !== 'f' && name !== 'key' && name !== 'input' && name !== 'output') return contentOf(act)
  return `${act.f} ${contentOf(act.key)} ${contentOf(act.input)} ${contentOf(act.output)}`
}
