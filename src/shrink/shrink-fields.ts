// The pass over the fields of faults: each goes to its target, equal values together; those that cannot go as near to
// it as still fails. Timers that wait at a fault's site are tried as limits first: most delays matter only beyond one.
import { addressId } from '../scenario/address-text.ts'
import { faultSpec, fieldOf, type Fault } from '../scenario/fault/registry.ts'
import type { Field } from '../scenario/fault/spec.ts'
import type { ListedScenario, Shrinking } from './candidate.ts'
import { bisectNumber } from './bisect.ts'
import type { ShrinkSearch } from './shrink-search.ts'

/** Simplifies the values in the remaining faults. */
export function* shrinkFields(search: ShrinkSearch): Shrinking<void> {
  for (const slot of slotsOf(search)) yield* toTarget(search, slot)
  const groups = equalNumbers(search)
  for (const group of groups) yield* toTargetTogether(search, group)
  for (const group of groups) yield* nearTarget(search, group)
  for (const slot of slotsOf(search)) yield* nearTarget(search, [slot])
}

/** A field of one of the plan's faults. This pass neither adds nor drops faults, so the index stays valid. */
interface Slot {
  readonly index: number
  readonly name: string
  readonly field: Field
}

function slotsOf(search: ShrinkSearch): readonly Slot[] {
  return search.faults.flatMap((fault, index) =>
    Object.entries(faultSpec(fault.kind).fields).map(([name, field]) => ({ index, name, field })),
  )
}

function* toTarget(search: ShrinkSearch, slot: Slot): Shrinking<void> {
  const { field } = slot
  if (field.type === 'node' || field.type === 'nodes') return
  const isOptional = field.optional === true
  if (isOptional && (yield* search.attempt(withValue(search, [slot], undefined)))) return
  if (field.type !== 'choice') {
    yield* search.attempt(withValue(search, [slot], field.target))
    return
  }
  for (const choice of field.choices.slice(isOptional ? 1 : 0)) {
    if (choice === valueOf(search, slot) || (yield* search.attempt(withValue(search, [slot], choice)))) return
  }
}

/**
 * Slots of the same name that hold the same number, and that number is not their target: they may be needed only
 * because they are equal.
 */
function equalNumbers(search: ShrinkSearch): readonly (readonly Slot[])[] {
  const slots = slotsOf(search).filter((slot) => isOff(search, slot))
  return [...Map.groupBy(slots, (slot) => `${slot.name} ${String(valueOf(search, slot))}`).values()].filter(
    (group) => group.length > 1,
  )
}

function* toTargetTogether(search: ShrinkSearch, group: readonly Slot[]): Shrinking<void> {
  const target = targetOf(group)
  if (target !== undefined) yield* search.attempt(withValue(search, group, target))
}

function* nearTarget(search: ShrinkSearch, group: readonly Slot[]): Shrinking<void> {
  const [slot] = group
  const target = targetOf(group)
  if (slot === undefined || target === undefined || !isOff(search, slot)) return
  const hints = limitsAt(search, slot)
  yield* bisectNumber(Number(valueOf(search, slot)), target, hints, (value) =>
    search.attempt(withValue(search, group, value)),
  )
}

/** The timers that wait for the message, as delays of it: just within each limit, and just past it. */
function limitsAt(search: ShrinkSearch, { index }: Slot): readonly number[] {
  const fault = search.faults[index]
  const site = fault && search.outcome.sites.find(({ address }) => addressId(address) === addressId(fault.at))
  if (site?.kind !== 'call') return []
  return site.timersMs.flatMap((ms) => [ms - site.latencyMs, ms]).flatMap((ms) => [ms - 1, ms, ms + 1])
}

function isOff(search: ShrinkSearch, slot: Slot): boolean {
  const target = targetOf([slot])
  const value = valueOf(search, slot)
  return target !== undefined && value !== undefined && value !== target
}

function targetOf([slot]: readonly Slot[]): number | undefined {
  const field = slot?.field
  return field?.type === 'ms' || field?.type === 'number' ? field.target : undefined
}

function valueOf(search: ShrinkSearch, { index, name }: Slot): unknown {
  const fault = search.faults[index]
  return fault === undefined ? undefined : fieldOf(fault, name)
}

function withValue(search: ShrinkSearch, group: readonly Slot[], value: unknown): ListedScenario {
  return search.withFaults(
    search.faults.map((fault, index) => {
      const slot = group.find((candidate) => candidate.index === index)
      return slot === undefined ? fault : withField(fault, slot.name, value)
    }),
  )
}

function withField(fault: Fault, name: string, value: unknown): Fault {
  const { [name]: _, ...rest } = fault as unknown as Readonly<Record<string, unknown>>
  // A value that the kind's spec offers
  return (value === undefined ? rest : { ...rest, [name]: value }) as unknown as Fault
}
