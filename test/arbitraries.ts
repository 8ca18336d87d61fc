// Arbitrary nouns for property tests: addresses, sites, faults of every kind (by their schemas), workloads, scenarios.
import * as fc from 'fast-check'
import {
  bootAddress,
  bootRoot,
  invocationRoot,
  type Address,
  type PathStep,
  type Root,
} from '../src/scenario/address.ts'
import { faultKinds, faultSpec, type Fault, type FaultKind } from '../src/scenario/fault/registry.ts'
import type { Field } from '../src/scenario/fault/spec.ts'
import type { LateChange } from '../src/scenario/late-change.ts'
import type { DrawnPlan, ListedPlan, Plan } from '../src/scenario/plan.ts'
import type { Invocation, Scenario } from '../src/scenario/scenario.ts'
import type { BootSite, CallSite, Site, StoreSite } from '../src/scenario/site.ts'
import { latencyMs } from '../src/simulate/world.ts'

const surrogates = { from: 0xd800, count: 0x800 } as const

/** Any character: fast-check's unit 'binary', which takes over a second to make. */
export const anyCharacter: fc.Arbitrary<string> = fc.nat({ max: 0x10ffff - surrogates.count }).map(
  (n) => String.fromCodePoint(n < surrogates.from ? n : n + surrogates.count),
  (character) => {
    const code = typeof character === 'string' ? character.codePointAt(0) : undefined
    if (code === undefined || String.fromCodePoint(code) !== character) throw new Error('is no character')
    return code < surrogates.from ? code : code - surrogates.count
  },
)

const word: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('client', 'shop', 'bank', 'api.stripe.com', 'db'),
  fc.string({ minLength: 1, unit: anyCharacter }),
)

/** Names of nodes and operations have no spaces: in text they end there. */
const name: fc.Arbitrary<string> = fc.oneof(fc.constantFrom('pay', 'shop', 'boot(x)'), fc.stringMatching(/^\S{1,8}$/))
const number: fc.Arbitrary<number> = fc.oneof(fc.nat({ max: 3 }), fc.maxSafeNat())

export const anyRoot: fc.Arbitrary<Root> = fc.oneof(
  fc.record({ kind: fc.constant('operation'), operation: name, invocation: number }, { noNullPrototype: true }),
  fc.record({ kind: fc.constant('boot'), node: name }, { noNullPrototype: true }),
  fc.record({ kind: fc.constant('tick'), node: name, timer: number, firing: number }, { noNullPrototype: true }),
)

export const anyStep: fc.Arbitrary<PathStep> = fc.record(
  {
    from: name,
    to: name,
    operation: fc.constantFrom('POST /orders', 'GET /orders/:id', 'add charge', ''),
    key: fc.constantFrom('order#0', 'order#12', 'pay#0'),
    nth: fc.integer({ min: 1, max: 9 }),
    copy: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: ['from', 'to', 'operation', 'nth'], noNullPrototype: true },
)

export const anyAddress: fc.Arbitrary<Address> = fc.record(
  {
    root: anyRoot,
    path: fc.array(anyStep, { maxLength: 3 }),
    from: word,
    to: word,
    operation: fc.oneof(fc.constantFrom('POST /orders', 'insert orders', ''), fc.string()),
    key: fc.oneof(fc.constantFrom('order#0', 'order#1'), word),
    leg: fc.constantFrom('request', 'reply'),
    nth: fc.integer({ min: 1, max: 9 }),
  },
  { requiredKeys: ['root', 'path', 'from', 'to', 'operation', 'leg', 'nth'], noNullPrototype: true },
)

/** Few names, so that two addresses are often alike. */
export const plainAddress: fc.Arbitrary<Address> = fc.record(
  {
    root: fc.constantFrom(invocationRoot('pay', 0), invocationRoot('pay', 1), bootRoot('shop')),
    path: fc.array(
      fc.record({
        from: fc.constantFrom('client', 'shop'),
        to: fc.constantFrom('shop', 'bank'),
        operation: fc.constantFrom('GET /a', 'POST /a'),
        nth: fc.integer({ min: 1, max: 3 }),
      }),
      { maxLength: 2 },
    ),
    from: fc.constantFrom('client', 'shop'),
    to: fc.constantFrom('shop', 'bank'),
    operation: fc.constantFrom('GET /a', 'POST /a', 'insert a'),
    key: fc.constantFrom('order#0', 'order#1'),
    leg: fc.constantFrom('request', 'reply'),
    nth: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: ['root', 'path', 'from', 'to', 'operation', 'leg', 'nth'], noNullPrototype: true },
)

const anyCallSite: fc.Arbitrary<CallSite> = fc
  .record(
    {
      kind: fc.constant('call' as const),
      address: anyAddress.map((address) => ({ ...address, from: 'shop', to: 'bank' })),
      nodes: fc.subarray(['bank', 'shop']),
      repeatable: fc.boolean(),
      reach: fc.constantFrom('by address' as const, 'kept connection' as const),
      waitedFor: fc.constant(true as const),
      latencyMs: fc.constant(latencyMs),
      timersMs: fc
        .uniqueArray(fc.integer({ min: 1, max: 300_000 }), { maxLength: 3 })
        .map((list) => list.toSorted((a, b) => a - b)),
      bodyBytes: fc.integer({ min: 1, max: 5_000 }),
    },
    { noNullPrototype: true, requiredKeys: ['kind', 'address', 'nodes', 'repeatable', 'latencyMs', 'timersMs'] },
  )
  .map(({ reach, waitedFor, ...site }) =>
    site.address.leg === 'reply'
      ? site
      : { ...site, ...(reach === undefined ? {} : { reach }), ...(waitedFor === undefined ? {} : { waitedFor }) },
  )

const anyStoreSite: fc.Arbitrary<StoreSite> = fc.record(
  {
    kind: fc.constant('store' as const),
    address: anyAddress.map((address) => ({ ...address, from: 'shop', to: 'db', leg: 'reply' as const })),
    nodes: fc.subarray(['shop']),
    write: fc.boolean(),
    engine: fc.constant('unsynced' as const),
  },
  { noNullPrototype: true, requiredKeys: ['kind', 'address', 'nodes', 'write'] },
)

/** A call is about to reach a store whose engine may do something of its own. */
const anyEngineSite: fc.Arbitrary<StoreSite> = fc.record(
  {
    kind: fc.constant('store' as const),
    address: anyAddress.map((address) => ({ ...address, from: 'shop', to: 'db', leg: 'request' as const })),
    nodes: fc.constant([]),
    write: fc.boolean(),
    engine: fc.constantFrom('readonly' as const, 'stale' as const),
  },
  { noNullPrototype: true },
)

const anyBootSite: fc.Arbitrary<BootSite> = fc
  .integer({ min: 1, max: 3 })
  .map((instance) => ({ kind: 'boot', address: bootAddress('shop', instance), nodes: ['shop'] }))

/** Sites as a simulation can meet them: test/simulate/sites.test.ts holds them against those that one does meet. */
export const anySite: fc.Arbitrary<Site> = fc.oneof(anyCallSite, anyStoreSite, anyEngineSite, anyBootSite)

/** A finite number without -0, which JSON does not know. */
function finite(min: number | undefined): fc.Arbitrary<number> {
  const limits = { min: min ?? -1e9, max: 1e9 }
  return fc
    .oneof(fc.integer(limits), fc.double({ ...limits, noNaN: true, noDefaultInfinity: true }))
    .map((value) => value + 0)
}

function anyField(field: Field): fc.Arbitrary<unknown> {
  if (field.type === 'choice') return fc.constantFrom(...field.choices)
  if (field.type === 'nodes') return fc.array(word, { minLength: 1, maxLength: 3 })
  return field.type === 'node' ? word : finite(field.min)
}

export function anyFaultOf(kind: FaultKind): fc.Arbitrary<Fault> {
  const schema = Object.entries(faultSpec(kind).fields)
  const fields = schema.map(([name, field]) => [name, anyField(field)] as const)
  const requiredKeys = ['kind', 'at', ...schema.filter(([, field]) => field.optional !== true).map(([name]) => name)]
  return fc
    .record<Record<string, unknown>>(
      { kind: fc.constant(kind), at: anyAddress, ...Object.fromEntries(fields) },
      { noNullPrototype: true, requiredKeys },
    )
    .map((fault) => fault as unknown as Fault) // by the schema of its kind
}

export const anyFault: fc.Arbitrary<Fault> = fc.oneof(...faultKinds.map(anyFaultOf))

const anyLateChange: fc.Arbitrary<LateChange> = fc.record(
  { at: anyAddress, reads: fc.integer({ min: 1, max: 5 }) },
  { noNullPrototype: true, requiredKeys: ['at'] },
)

export const anyListedPlan: fc.Arbitrary<ListedPlan> = fc.record(
  {
    kind: fc.constant('listed'),
    faults: fc.array(anyFault, { maxLength: 5 }),
    order: fc.array(anyLateChange, { minLength: 1, maxLength: 3 }),
  },
  { noNullPrototype: true, requiredKeys: ['kind', 'faults'] },
)

const anySeed = fc.oneof(fc.integer(), fc.maxSafeInteger()).map((seed) => seed + 0)

export const anyDrawnPlan: fc.Arbitrary<DrawnPlan> = fc.record(
  {
    kind: fc.constant('drawn'),
    seed: anySeed,
    rates: fc.dictionary(fc.constantFrom(...faultKinds), fc.double({ min: 0, max: 1, noNaN: true }), {
      noNullPrototype: true,
    }),
    maxFaults: fc.nat(),
    aboutMs: fc.nat(),
    unit: fc.constantFrom('call', 'outage'),
  },
  { noNullPrototype: true, requiredKeys: ['kind', 'seed', 'rates', 'maxFaults'] },
)

export const anyPlan: fc.Arbitrary<Plan> = fc.oneof(
  { weight: 3, arbitrary: anyListedPlan },
  { weight: 1, arbitrary: anyDrawnPlan },
)

/** Whatever an operation's arbitrary may make. */
export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withSparseArray: true,
    withUnicodeString: true,
  }),
  fc.uint8Array(),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.dictionary(
    fc.constantFrom('$', '$$', '$date', '$bigint', '$$map', '__proto__', 'constructor', 'a'),
    fc.anything(),
    { noNullPrototype: true },
  ),
)

const anyInvocation: fc.Arbitrary<Invocation> = fc.record(
  {
    id: fc.nat(),
    operation: word,
    client: fc.nat(),
    afterMs: finite(0),
    input: anyValue,
  },
  { noNullPrototype: true },
)

export const anyScenario: fc.Arbitrary<Scenario> = fc.record(
  {
    seed: anySeed,
    workload: fc.record(
      { invocations: fc.uniqueArray(anyInvocation, { selector: ({ id }) => id, maxLength: 4 }) },
      { noNullPrototype: true },
    ),
    plan: anyPlan,
  },
  { noNullPrototype: true },
)
