// The faults: one adversarial act each, plain data with an address. Everything here is derived from the one list in
// kinds.ts. Must not know any kind, nor how a simulation carries one out.
import type { Site } from '../site.ts'
import { undisturbed, type Delivery } from './delivery.ts'
import { faultSpecs, type FaultTypes } from './kinds.ts'
import type { AnyFault, FaultSpec } from './spec.ts'

/** One adversarial act. Discriminated by `kind`; `at` says where it strikes or starts. */
export type Fault = FaultTypes[number][0]

/** The name of a kind of fault, as `tolerates` takes it. */
export type FaultKind = Fault['kind']

/** A kind of fault, or a part of one, as `tolerates` takes it: `'jump'`, or `{ kind: 'jump', direction: 'back' }`. */
export type ToleratedFault = FaultKind | SubKindOf<FaultTypes[number]>

type SubKindOf<Types> = Types extends readonly [infer F extends AnyFault, infer C]
  ? { readonly kind: F['kind'] } & {
      readonly [P in keyof C]?: C[P] extends number ? number : C[P] | readonly C[P][]
    }
  : never

/** Every kind, most telling first: the order in which single faults are tried. */
export const faultKinds: readonly FaultKind[] = faultSpecs.map(({ kind }) => kind)

const byKind: ReadonlyMap<string, unknown> = new Map(faultSpecs.map((spec) => [spec.kind, spec]))
const rankOf: ReadonlyMap<string, number> = new Map(faultKinds.map((kind, rank) => [kind, rank]))

/** What a kind knows about itself. */
export function faultSpec(kind: FaultKind): FaultSpec<Fault> {
  return byKind.get(kind) as FaultSpec<Fault> // each spec handles its own kind, and is only given faults of that kind
}

/** All faults of a kind that are worth trying at a site, the rarer ones last. */
export function faultsAt(kind: FaultKind, site: Site): readonly Fault[] {
  const spec = faultSpec(kind)
  const values = spec.values(site)
  return spec.rarer === undefined ? values : [...values, ...spec.rarer(site)]
}

/** Whether a text names a kind of fault. */
export function isFaultKind(text: string): text is FaultKind {
  return byKind.has(text)
}

/** A fault in a few words, for the margin of the story. */
export function faultWords(fault: Fault): string {
  return faultSpec(fault.kind).words(fault)
}

/**
 * A fault in a whole phrase, without raw values.
 *
 * @example describeFault(fault) // 'lose the reply shop -> client of pay order#0, attempt 1'
 */
export function describeFault(fault: Fault): string {
  return faultSpec(fault.kind).phrase(fault)
}

/** Small changes of a fault that the system might survive, nearest first; the words are to be followed by "instead". */
export function milderFaults(
  fault: Fault,
  sites: readonly Site[],
): readonly { readonly instead: Fault; readonly words: string }[] {
  const same = JSON.stringify(fault)
  return faultSpec(fault.kind)
    .milder(fault, sites)
    .filter((milder) => JSON.stringify(milder.fault) !== same) // half of the least is the least itself
    .map((milder) => ({ instead: milder.fault as Fault, words: milder.words })) // kinds only offer kinds that exist
}

/** Whether all that a fault disturbs is this node, or the calls to it. */
export function disturbsOnly(fault: Fault, node: string): boolean {
  const spec = faultSpec(fault.kind)
  if (spec.disturbsOnly !== undefined) return spec.disturbsOnly(fault, node)
  const named = Object.keys(spec.fields).find((name) => spec.fields[name]?.type === 'node')
  return named === undefined ? fault.at.to === node || fault.at.from === node : fieldOf(fault, named) === node
}

/** The node (or `client`) whose process or clock a fault strikes; undefined where it strikes messages. */
export function ownNodeOf(fault: Fault): string | undefined {
  return faultSpec(fault.kind).ownNode?.(fault)
}

/** Whether a fault disturbs all that its caller sends and gets, beyond the call that it names. */
export function strikesCaller(fault: Fault): boolean {
  return faultSpec(fault.kind).strikesCaller?.(fault) === true
}

/** Whether faults of a kind strike a node's process or clock, and not messages. */
export function isOwnKind(kind: FaultKind): boolean {
  return faultSpec(kind).ownNode !== undefined
}

/** Whether its call gets no answer, or another one than its callee gives. */
export function failsCall(fault: Fault): boolean {
  const { fate, answer, body, breaksAtByte } = deliveryOf([fault])
  return fate !== 'pass' || answer !== undefined || body !== undefined || breaksAtByte !== undefined
}

/** What makes a callee slower from this site on, and still in time. */
export function slowerAt(site: Site): readonly Fault[] {
  return faultKinds
    .flatMap((kind) => faultSpec(kind).rarer?.(site) ?? [])
    .filter((fault) => deliveryOf([fault]).begins?.some(({ what }) => what.kind === 'slower') === true)
}

/** What a fault holds in a field of its kind. */
export function fieldOf(fault: Fault, name: string): unknown {
  return (fault as unknown as Readonly<Record<string, unknown>>)[name] // a fault is a plain record
}

/** The leg as the faults leave it, whatever their order in the plan: the more telling kind has its way first. */
export function deliveryOf(faults: readonly Fault[]): Delivery {
  if (faults.length === 0) return undisturbed
  return [...faults]
    .sort(byRank)
    .reduce<Delivery>((delivery, fault) => faultSpec(fault.kind).rewrite(delivery, fault), undisturbed)
}

function byRank(a: Fault, b: Fault): number {
  const rank = (rankOf.get(a.kind) ?? 0) - (rankOf.get(b.kind) ?? 0)
  return rank === 0 ? (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1) : rank
}
