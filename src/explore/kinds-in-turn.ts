// Faults in an order in which all kinds come early: kinds take turns, and those that random plans draw oftener have
// more of them. What stops a process or moves a clock has turns for each node and each way of doing so. Knows no site.
import { faultSpec, ownNodeOf, type Fault } from '../scenario/fault/registry.ts'

/** What is to strike, and its turn: what has a lower one comes first. */
export interface InTurn {
  readonly faults: readonly Fault[]
  readonly turn: number
}

/** Each of them alone, with its turn. Of one kind those that are given first come first. */
export function kindsInTurn(faults: readonly Fault[]): readonly InTurn[] {
  const counts = new Map<string, number>()
  return faults.map((fault) => {
    const { weight = 1, oftenLike = fault.kind } = faultSpec(fault.kind)
    const family = ownNodeOf(fault) === undefined ? oftenLike : formOf(fault)
    const count = (counts.get(family) ?? 0) + 1
    counts.set(family, count)
    return { faults: [fault], turn: count / weight }
  })
}

/** Adds an item before the first one that is to come after it. */
export function insert<T>(list: T[], item: T, isAfter: (other: T) => boolean): void {
  const place = list.findIndex(isAfter)
  list.splice(place < 0 ? list.length : place, 0, item)
}

/** The fault without its place, and without lengths of time, which differ from place to place. */
function formOf(fault: Fault): string {
  const { at: _, ...form } = fault
  return JSON.stringify(form, (_name, field: unknown) => (typeof field === 'number' ? Math.sign(field) : field))
}
