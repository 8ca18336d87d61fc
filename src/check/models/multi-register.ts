// The model of several registers that are read and written together. Knows acts only.
import type { Act } from '../../history/act.ts'
import type { Model } from '../../system/model.ts'
import { alike } from '../content.ts'
import { list, shown } from '../reason-words.ts'
import { noSuchAct } from './read-act.ts'

/** The value of each register, by name; `null` if nothing was written and no initial value is given. */
export type Registers = Readonly<Record<string, unknown>>

const names: ReadonlySet<string> = new Set(['txn', 'read', 'write'])
/** Names of micro-operations in recorded histories. */
const reads: ReadonlySet<unknown> = new Set(['r', 'read'])
const writes: ReadonlySet<unknown> = new Set(['w', 'write'])

/**
 * Registers that a `txn` reads and writes in one atomic step, in its order. Its input is a list of `['r', register,
 * null]` and `['w', register, value]`, and its output the same list with the values that were read. `read` and `write`
 * with such lists are transactions, too. A read whose value is undefined is not known. The same as Knossos' model of
 * this name.
 *
 * @param initial the initial values
 * @default all null
 * @example
 * linearizable(multiRegister({ x: 0, y: 0 }))
 */
export function multiRegister(initial: Registers = {}): Model<Registers> {
  return {
    name: 'multi-register',
    initial: () => initial,
    step(state, act) {
      if (!names.has(act.f)) throw noSuchAct('multi-register', act, [...names])
      let registers: Registers = state
      for (const [isRead, name, value] of microsOf(act)) {
        if (!isRead) registers = { ...registers, [name]: value }
        else if (value !== undefined && !alike(value, registers[name] ?? null)) return undefined
      }
      return registers
    },
    readOnly: (act) => names.has(act.f) && microsOf(act).every(([isRead]) => isRead),
  }
}

type Micro = readonly [isRead: boolean, register: string, value: unknown]

/** The micro-operations of the answer or, without an answer, of the input; then the values of reads are not known. */
function microsOf({ f, input, output }: Act): readonly Micro[] {
  const isAnswered = output !== undefined && output !== null
  const micros: unknown = isAnswered ? output : input
  if (!Array.isArray(micros) || !micros.every(isMicro))
    throw new Error(
      `The model multi-register cannot ${f} ${shown(micros)}; give a list of ${list([
        '["r", register, value]',
        '["w", register, value]',
      ])}.`,
    )
  return micros.map(([name, register, value]): Micro => {
    if (writes.has(name)) return [false, String(register), value ?? null]
    return [true, String(register), isAnswered ? value : undefined]
  })
}

function isMicro(micro: unknown): micro is readonly unknown[] {
  return Array.isArray(micro) && micro.length >= 2 && (reads.has(micro[0]) || writes.has(micro[0]))
}
