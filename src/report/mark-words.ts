// The words for marks: which values of the counterexample have to be what they are. Says only what tells something:
// what may be any is named in few words. Must not know how marks are found.
import { durationWords } from '../plain/time.ts'
import type { NamedLength } from '../scenario/lengths.ts'
import { lateId, type LateChange } from '../scenario/late-change.ts'
import { faultId } from '../scenario/plan.ts'
import { faultSpec, fieldOf, type Fault } from '../scenario/fault/registry.ts'
import type { Alias } from '../scenario/alias.ts'
import type { Counterexample, Mark } from '../verdict/counterexample.ts'
import type { Labelled } from './block.ts'

/** ` (any from 30.1 s on)`: the marks of one fault, to be put behind its phrase. Empty where there are none. */
export function faultMarkWords(fault: Fault, { marks = [] }: Counterexample): string {
  const own = marks.flatMap((mark) =>
    mark.of.kind === 'field' && faultId(mark.of.fault) === faultId(fault) ? [{ mark, name: mark.of.name }] : [],
  )
  const { fields } = faultSpec(fault.kind)
  const isAlone = Object.keys(fields).filter((name) => fields[name]?.type !== 'node').length === 1
  const words = own.map(({ mark, name }) => {
    const type = fields[name]?.type
    const text = freedomWords(mark, fieldOf(fault, name), type === 'ms' ? durationWords : String)
    return isAlone ? text : `${fieldWords(name)}: ${text}`
  })
  return words.length === 0 ? '' : ` (${words.join('; ')})`
}

/** ` (any)`: whether a late change has to come after just so many reads. Empty where that is not known. */
export function lateMarkWords(late: LateChange, { marks = [] }: Counterexample): string {
  const own = marks.find(({ of }) => of.kind === 'reads' && lateId(of.late) === lateId(late))
  return own === undefined ? '' : ` (how many: ${own.freedom === 'any' ? 'any' : 'must be'})`
}

/** What is known of the waits, the clients and the inputs. */
export function workloadMarkEntries(
  { marks = [], scenario: { workload } }: Counterexample,
  aliases: readonly Alias[],
): readonly Labelled[] {
  const waits = marks.flatMap((mark) => {
    const invocation = mark.of.kind === 'wait' ? mark.of.invocation : undefined
    const index = workload.invocations.findIndex(({ id }) => id === invocation)
    const waited = workload.invocations[index]
    if (waited === undefined || (waited.afterMs === 0 && mark.freedom === 'any')) return []
    const which = `operation ${index + 1} (${waited.operation})`
    return waited.afterMs === 0
      ? [`${which} comes at once: ${durationWords(mark.passesAt ?? 0)} later it does not fail`]
      : [`wait before ${which}: ${freedomWords(mark, waited.afterMs, durationWords)}`]
  })
  const client = marks.some(({ of, freedom }) => of.kind === 'client' && freedom === 'must')
    ? ['one client does all of it; with several it does not fail']
    : []
  const inputs = inputWords(marks, aliases)
  return [
    ...[...waits, ...client].map((text): Labelled => ({ label: 'Workload', text })),
    ...(inputs === undefined ? [] : [{ label: 'Inputs', text: inputs }]),
  ]
}

/** More names of inputs than these say less than none. */
const mostNames = 6

const anyValue = 'any value'

/** `item: must be 1; order#0, amount: any value`. */
function inputWords(marks: readonly Mark[], aliases: readonly Alias[]): string | undefined {
  const inputs = marks.flatMap(({ of, freedom }) =>
    of.kind === 'input' ? [{ freedom, name: nameOf(of.field, of.value, aliases), value: of.value }] : [],
  )
  const free = new Set(inputs.flatMap(({ freedom, name }) => (freedom === 'any' ? [name] : [])))
  const must = inputs.flatMap(({ freedom, name, value }) =>
    freedom === 'any' ? [] : [name.includes('#') ? `${name}: not any` : `${name}: must be ${JSON.stringify(value)}`],
  )
  if (must.length === 0 && free.size > mostNames) return 'any values'
  const words = [...must, ...(free.size === 0 ? [] : [`${[...free].join(', ')}: ${anyValue}`])]
  return words.length === 0 ? undefined : words.join('; ')
}

/** The alias of a value that is recognised anywhere; else the name of its field. */
function nameOf(field: string, value: unknown, aliases: readonly Alias[]): string {
  const alias = aliases.find((one) => one.distinctive && one.field === field && one.value === String(value))
  return alias?.name ?? field
}

function freedomWords(mark: Mark, value: unknown, words: (value: number) => string): string {
  const { freedom, passesAt, failsAt, foundAt, near } = mark
  const passes = passesAt === undefined ? '' : `, but not at ${words(passesAt)}`
  const beside = near === undefined ? [] : [nearWords(Number(value), near)]
  const others = [
    ...beside,
    ...(failsAt === undefined ? [] : [`fails at ${words(failsAt)} as well, perhaps for another reason`]),
    ...(foundAt === undefined ? [] : [`found at ${words(foundAt)}, where it goes another way: perhaps another bug`]),
  ]
  switch (freedom) {
    case 'any':
      return 'any'
    case 'from':
      return [`${passes === '' ? 'any ' : ''}from ${words(Number(value))} on${passes}`, ...others].join('; ')
    case 'must':
      return [passesAt === undefined ? 'must be' : `not ${words(passesAt)}`, ...beside].join('; ')
    default:
      return freedom satisfies never
  }
}

/** `a little longer than LEASE_MS = 30_000, lease.ts:4`. */
function nearWords(value: number, { ms, words }: NamedLength): string {
  const size = Math.abs(value)
  return `${size === ms ? 'as long as' : size > ms ? 'a little longer than' : 'a little shorter than'} ${words}`
}

/** `restartAfterMs` as `restart after`. */
function fieldWords(name: string): string {
  return name.replace(/Ms$/, '').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}
