// Facts up to a renaming of what is generated: two ends are the same where ids can be renamed one to one so that their
// facts become equal. Times are wildcards. What is generated is what differs between two runs of the same operations
// with other seeds and clocks. Colour refinement, as for isomorphism of graphs: who can be renamed is never told apart,
// and very regular facts (two rings of references beside one) may be taken for each other. Pure functions.
import { hash32 } from '../plain/random.ts'
import { canonical } from '../plain/value.ts'
import type { Fact } from './facts.ts'

/** A text or a number that stands anywhere in a value. */
export type Atom = string | number

/** Rounds of refinement: an id is known by what stands beside it, and beside that. */
const usualRounds = 3

/** All texts and numbers in values; also in texts that are JSON themselves. */
export function atomsOf(values: Iterable<unknown>): Set<Atom> {
  const atoms = new Set<Atom>()
  const visit = (value: unknown): void => {
    if (typeof value === 'number' || typeof value === 'string') atoms.add(value)
    const inner = typeof value === 'string' ? parsed(value) : value
    if (typeof inner === 'object' && inner !== null) for (const item of Object.values(inner)) visit(item)
  }
  for (const value of values) visit(value)
  return atoms
}

/** The same of facts. */
export function atomsOfFacts(facts: readonly Fact[]): Set<Atom> {
  return atomsOf(facts.map(({ value }) => value))
}

/** What a text holds, where it is JSON. */
function parsed(text: string): unknown {
  if (!/^[[{]/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Each fact as a text in which generated texts have a colour in place of their name, and generated numbers and times
 * none: equal for facts that differ only in these.
 *
 * @param literals what is not generated
 * @param rounds 0: generated texts are not told apart
 */
export function renamed(
  facts: readonly Fact[],
  literals: ReadonlySet<unknown>,
  rounds: number = usualRounds,
): readonly string[] {
  let colours: ReadonlyMap<string, string> = new Map()
  for (let round = 0; round < rounds; round++) {
    const places = new Map<string, string[]>()
    for (const fact of facts) {
      const { text, ids } = shaped(fact, literals, colours)
      for (const [place, id] of ids.entries()) places.set(id, [...(places.get(id) ?? []), `${place} ${text}`])
    }
    colours = new Map([...places].map(([id, where]) => [id, String(hash32(round, where.sort().join('\n')))]))
  }
  return facts.map((fact) => shaped(fact, literals, colours).text)
}

/** A fact as a text, and the generated texts in it, in order. One that stands in it twice is known as the same. */
function shaped(
  { source, value }: Fact,
  literals: ReadonlySet<unknown>,
  colours: ReadonlyMap<string, string>,
): { readonly text: string; readonly ids: readonly string[] } {
  const ids: string[] = []
  const shape = (part: unknown): unknown => {
    if (typeof part === 'number') return literals.has(part) ? part : { $number: '' }
    if (typeof part === 'string') {
      if (literals.has(part)) return part
      const inner = parsed(part)
      if (inner !== undefined) return shape(inner)
      if (isTime(part)) return { $number: '' }
      ids.push(part)
      return { $fresh: `${colours.get(part) ?? ''} ${ids.indexOf(part)}` }
    }
    if (Array.isArray(part)) return part.map(shape)
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, shape(item)]))
  }
  return { text: `${source} ${canonical(shape(value))}`, ids }
}

/** A number as a text, or a date. */
function isTime(text: string): boolean {
  return /^-?\d+(?:\.\d+)?$/.test(text) || /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text)
}
