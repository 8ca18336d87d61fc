// The pass over the fields of faults: each goes to its target, equal values together; those that cannot go as near to
// it as still fails. No number passes one that does not fail on its way: beyond it, the failure may be another bug.
// Timers that wait at a fault's site are tried as limits first: most delays matter only beyond one.
import { addressId } from '../scenario/address-text.ts'
import { faultSpec, fieldOf } from '../scenario/fault/registry.ts'
import type { Field } from '../scenario/fault/spec.ts'
import type { ListedScenario, Shrinking } from './candidate.ts'
import { bisectNumber, stepDown } from './bisect.ts'
import type { ShrinkSearch } from './shrink-search.ts'
import { withField } from './with-field.ts'

/** Simplifies the values in the remaining faults. */
export function* shrinkFields(search: ShrinkSearch): Shrinking<void> {
  const held = new Map<string, number>()
  for (const slot of slotsOf(search)) yield* toTarget(search, slot, held)
  const groups = equalNumbers(search)
  for (const group of groups) yield* numberToTarget(search, group, held)
  for (const group of groups) yield* nearTarget(search, group, held)
  for (const slot of slotsOf(search)) yield* nearTarget(search, [slot], held)
}

/** For slots that move together: the number on the way to their target that did not fail. */
type Held = Map<string, number>

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

function* toTarget(search: ShrinkSearch, slot: Slot, held: Held): Shrinking<void> {
  const { field } = slot
  if (field.type === 'node' || field.type === 'nodes') return
  const isOptional = field.optional === true
  if (isOptional && (yield* search.attempt(withValue(search, [slot], undefined)))) return
  if (field.type !== 'choice') {
    yield* numberToTarget(search, [slot], held)
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

function* numberToTarget(search: ShrinkSearch, group: readonly Slot[], held: Held): Shrinking<void> {
  const [slot] = group
  const target = targetOf(group)
  if (slot === undefined || target === undefined || !isOff(search, slot)) return
  const value = yield* stepDown(Number(valueOf(search, slot)), target, setting(search, group))
  if (value !== undefined) held.set(groupId(group), value)
}

function* nearTarget(search: ShrinkSearch, group: readonly Slot[], held: Held): Shrinking<void> {
  const [slot] = group
  const end = held.get(groupId(group)) ?? targetOf(group)
  if (slot === undefined || end === undefined || !isOff(search, slot)) return
  yield* bisectNumber(Number(valueOf(search, slot)), end, limitsAt(search, slot), setting(search, group))
}

function setting(search: ShrinkSearch, group: readonly Slot[]): (value: number) => Shrinking<boolean> {
  return (value) => search.attempt(withValue(search, group, value))
}

function groupId(group: readonly Slot[]): string {
  return group.map(({ index, name }) => `${index} ${name}`).join()
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
