// Counterexamples that users have committed must stay readable for ever. The files in saved/v1 were written by version
// 0.1.0 and are never written again; a new format of the files gets a folder of its own beside them. What a file means
// is read here a second time, straight from its JSON, so that a mistake in the package's decoder cannot hide itself.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { assess } from '../../src/property.ts'
import { writeAddress } from '../../src/scenario/address-text.ts'
import { decodeCounterexample } from '../../src/saved/counterexample-codec.ts'
import type { SavedCounterexample } from '../../src/saved/saved-counterexample.ts'
import type { FailureClass } from '../../src/verdict/reason.ts'
import type { System } from '../../src/index.ts'
import { broken } from '../bench/systems.ts'

const folder = join(import.meta.dirname, 'saved/v1')
const names: readonly string[] = readdirSync(folder).toSorted()

/** The kinds of faults of version 1. */
const kinds: readonly string[] = [
  ...['lose', 'duplicate', 'crash', 'delay', 'error', 'reset', 'refuse', 'throttle', 'hang', 'garble'],
  ...['partition', 'slow', 'latency', 'pause', 'jump', 'skew', 'drift'],
]

/** A file of version 1, as its JSON has it. */
interface Written {
  readonly test: unknown
  readonly violated: { readonly invariant: string; readonly class: string; readonly text: string }
  readonly scenario: {
    readonly seed: number
    readonly workload: { readonly invocations: readonly { readonly input: unknown }[] }
    readonly plan: { readonly faults: readonly WrittenFault[] }
  }
  readonly hash?: string
}

interface WrittenFault {
  readonly kind: string
  readonly at: { readonly root: string; readonly path?: readonly string[]; readonly to: string }
}

/** What each class of failure in these files stands for today. */
const failures: Readonly<Record<string, FailureClass>> = {
  'G-single': { kind: 'anomaly', of: 'G-single' },
  G0: { kind: 'anomaly', of: 'G0' },
  G1a: { kind: 'anomaly', of: 'G1a' },
  G1b: { kind: 'anomaly', of: 'G1b' },
  G1c: { kind: 'anomaly', of: 'G1c' },
  'G2-item': { kind: 'anomaly', of: 'G2-item' },
  'Retry-After ignored shop -> bank': { kind: 'retry-after-ignored', of: 'shop -> bank' },
  'account above its total in between': { kind: 'above-total-after-commit', of: 'account' },
  'account above its total': { kind: 'above-total', of: 'account' },
  'account below its total in between': { kind: 'below-total-after-commit', of: 'account' },
  'account below its total': { kind: 'below-total', of: 'account' },
  'amplification shop -> bank': { kind: 'retry-amplification', of: 'shop -> bank' },
  'another trace shop -> bank': { kind: 'another-trace', of: 'shop -> bank' },
  'broken a second is a second': { kind: 'custom', of: 'a second is a second' },
  'broken copies are verified': { kind: 'custom', of: 'copies are verified' },
  'broken later writes carry later stamps': { kind: 'custom', of: 'later writes carry later stamps' },
  'broken messages are sent apart': { kind: 'custom', of: 'messages are sent apart' },
  'broken nothing is charged': { kind: 'custom', of: 'nothing is charged' },
  'broken of two answers one takes its usual time, or both the same': {
    kind: 'custom',
    of: 'of two answers one takes its usual time, or both the same',
  },
  'broken one holder an hour': { kind: 'custom', of: 'one holder an hour' },
  'broken one of two answers comes within 9 s': { kind: 'custom', of: 'one of two answers comes within 9 s' },
  'broken the newest change is kept': { kind: 'custom', of: 'the newest change is kept' },
  'broken writes come in order': { kind: 'custom', of: 'writes come in order' },
  'circular causes': { kind: 'circular-causes' },
  'counter too high': { kind: 'counter-too-high' },
  'counter too low': { kind: 'counter-too-low' },
  'different answers of pay': { kind: 'different-answers', of: 'pay' },
  'duplicate element': { kind: 'anomaly', of: 'duplicate element' },
  'early report': { kind: 'ran-early', of: 'report' },
  'effect before cause': { kind: 'effect-before-cause' },
  'event never accepted': { kind: 'event-not-accepted' },
  'forged credit': { kind: 'forged', of: 'credit' },
  'fractured read': { kind: 'anomaly', of: 'fractured read' },
  'future read': { kind: 'anomaly', of: 'future read' },
  'half done': { kind: 'half-done' },
  'id given twice': { kind: 'duplicate-id' },
  'incompatible order': { kind: 'anomaly', of: 'incompatible order' },
  internal: { kind: 'anomaly', of: 'internal' },
  'kept though failed': { kind: 'kept-though-failed' },
  'late report': { kind: 'ran-late', of: 'report' },
  'left and right differ': { kind: 'diverged', of: 'left and right' },
  'level below 0': { kind: 'below-zero', of: 'level' },
  'long fork': { kind: 'anomaly', of: 'long fork' },
  'lost update': { kind: 'lost-update' },
  'missed report': { kind: 'run-missed', of: 'report' },
  'missing dequeue': { kind: 'missing', of: 'dequeue' },
  'missing mail': { kind: 'missing', of: 'mail' },
  'missing note': { kind: 'missing', of: 'note' },
  'missing paid': { kind: 'missing', of: 'paid' },
  'missing subscription row': { kind: 'missing', of: 'subscription row' },
  'never both attack or neither': { kind: 'custom', of: 'both attack or neither' },
  'no recovery of again': { kind: 'no-recovery', of: 'again' },
  'no trace shop -> bank': { kind: 'no-trace', of: 'shop -> bank' },
  'noHotel not in reverse': { kind: 'not-in-reverse', of: 'noHotel' },
  'not linearizable': { kind: 'not-linearizable' },
  'not sequential': { kind: 'not-sequential' },
  'out of order': { kind: 'out-of-order' },
  oversold: { kind: 'oversold' },
  'own write unseen': { kind: 'own-write-unseen' },
  'pending pay': { kind: 'pending', of: 'pay' },
  'pending still': { kind: 'pending', of: 'still' },
  'phantom paid': { kind: 'phantom', of: 'paid' },
  'probed too often client -> bank': { kind: 'too-many-probes', of: 'client -> bank' },
  'probed too often shop -> bank': { kind: 'too-many-probes', of: 'shop -> bank' },
  'read went back': { kind: 'read-went-back' },
  'replayed credit': { kind: 'replayed', of: 'credit' },
  'retried too soon shop -> bank': { kind: 'retried-too-soon', of: 'shop -> bank' },
  'reused key of pay': { kind: 'reused-key', of: 'pay' },
  'shown and item differ': { kind: 'diverged', of: 'shown and item' },
  'slow buy': { kind: 'too-slow', of: 'buy' },
  'slow max of all operations': { kind: 'percentile-too-slow', of: 'max of all operations' },
  'slow p99 of pay': { kind: 'percentile-too-slow', of: 'p99 of pay' },
  'spread to browse': { kind: 'spread', of: 'browse' },
  'stale charge': { kind: 'expired', of: 'charge' },
  'stale read': { kind: 'stale-read' },
  'stale token of written': { kind: 'stale-token', of: 'written' },
  'status after its end': { kind: 'after-the-end', of: 'status' },
  'subscription went back': { kind: 'went-back', of: 'subscription' },
  'tampered charge': { kind: 'tampered', of: 'charge' },
  'thin air': { kind: 'thin-air' },
  'too many attempts shop -> bank': { kind: 'too-many-attempts', of: 'shop -> bank' },
  'too many charge': { kind: 'too-many', of: 'charge' },
  'too many charged': { kind: 'too-many', of: 'charged' },
  'too many credited': { kind: 'too-many', of: 'credited' },
  'too many dequeue': { kind: 'too-many', of: 'dequeue' },
  'too many done': { kind: 'too-many', of: 'done' },
  'too many entered': { kind: 'too-many', of: 'entered' },
  'too many mail': { kind: 'too-many', of: 'mail' },
  'too many order': { kind: 'too-many', of: 'order' },
  'too many registered': { kind: 'too-many', of: 'registered' },
  'too many requests of browse': { kind: 'too-many-requests', of: 'browse' },
  'too many requests of list': { kind: 'too-many-requests', of: 'list' },
  'too many requests': { kind: 'too-many-requests' },
  'too many store calls of pay': { kind: 'too-many-store-calls', of: 'pay' },
  'twice report': { kind: 'ran-twice', of: 'report' },
  'two holders of lock': { kind: 'two-holders', of: 'lock' },
  'undeclared status': { kind: 'undeclared-state', of: 'status' },
  'undone though answered ok': { kind: 'undone-though-ok' },
  vacuous: { kind: 'custom', of: 'vacuous' },
  'write before what it followed': { kind: 'write-before-its-cause' },
  'writes out of order': { kind: 'writes-out-of-order' },
}

const bytesOf = (name: string): string => readFileSync(join(folder, name), 'utf8')
const written = (name: string): Written => JSON.parse(bytesOf(name), withDates) as Written
const read = (name: string): SavedCounterexample => decodeCounterexample(JSON.parse(bytesOf(name)), join(folder, name))
const allFaults = names.flatMap((name) => written(name).scenario.plan.faults)

/** Some inputs hold a date. All other types stand in one file, whose values are written out below. */
function withDates(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('$date' in value)) return value
  return new Date(String(value.$date))
}

const typedInputs = 'inputs-of-every-type-88214d6ebc.json'

describe('the files of version 1', () => {
  test('are all there, byte for byte', () => {
    const digest = createHash('sha256')
    for (const name of names) digest.update(`${name}\n${bytesOf(name)}\n`)

    expect(names).toHaveLength(137)
    expect(digest.digest('hex')).toBe('264165256c89e663dc07dd225b48e1a522a0853f621d29afac11c0d5c5347eb2')
  })

  test('hold every kind of fault, at every kind of place', () => {
    const roots = new Set(allFaults.map(({ at }) => at.root.replace(/[#(].*/, '')))
    const callees = new Set(allFaults.map(({ at }) => at.to))

    expect(new Set(allFaults.map(({ kind }) => kind))).toEqual(new Set(kinds))
    expect(roots).toContain('boot')
    expect(roots).toContain('tick')
    expect(roots).toContain('pay')
    expect(callees).toContain('db')
    expect(callees).toContain('seen')
    expect(callees).toContain('charge')
    expect(callees).toContain('api.payments.example')
    expect(allFaults.some(({ at }) => at.path?.some((step) => step.endsWith(' 1+1')) === true)).toBe(true)
  })
})

describe('a counterexample of version 1 is read as it was meant', () => {
  test.each(names)('%s', (name) => {
    const { test: savedTest, violated, scenario, hash } = written(name)

    const saved = read(name)

    const { invariant, class: className, text } = violated
    expect(failures).toHaveProperty([className])
    expect({ test: saved.test, violated: saved.violated, hash: saved.hash }).toEqual({
      test: savedTest,
      violated: { invariant, ...failures[className], text },
      hash,
    })
    expect(saved.scenario.seed).toBe(scenario.seed)
    const faults = saved.scenario.plan.kind === 'listed' ? saved.scenario.plan.faults : []
    expect(faults.map((fault) => ({ ...fault, at: writeAddress(fault.at) }))).toEqual(
      scenario.plan.faults.map((fault) => ({ ...fault, at: { path: [], ...fault.at } })),
    )
    expect(withoutTypedInputs(name, saved.scenario.workload)).toEqual(withoutTypedInputs(name, scenario.workload))
  })

  /** In the file of typed inputs, all but the inputs themselves. */
  function withoutTypedInputs(name: string, { invocations }: Written['scenario']['workload']): readonly unknown[] {
    return name === typedInputs ? invocations.map((invocation) => ({ ...invocation, input: 'typed' })) : invocations
  }

  test('an input of any type has its value again', () => {
    const { workload } = read(typedInputs).scenario

    expect(workload.invocations.map(({ input }) => input)).toStrictEqual([
      ...[null, undefined, true, 'text "quoted" \n ü 💸', '', 0, -0, 1.5, -1e300, NaN, Infinity, -Infinity],
      12_345_678_901_234_567_890n,
      new Date(0),
      new Map<unknown, unknown>([
        ['a', 1],
        [{ b: 2 }, new Set([1, 'x'])],
      ]),
      new Set([undefined, 3n]),
      new Uint8Array([0, 1, 255]),
      [1, [2, [undefined]]],
      { a: undefined, $: 1, $date: 'no date', nested: { constructor: 'c' } },
      '\ud800',
    ])
  })
})

function classOf({ kind, of }: FailureClass): FailureClass {
  return of === undefined ? { kind } : { kind, of }
}

describe('a counterexample of version 1 still shows its bug', () => {
  const shown: readonly (readonly [file: string, system: System | undefined])[] = [
    ['naive-one-lost-answer-of-the-gateway-and-the-customer-pays-twice-e31722c4dd.json', broken['naive']],
    ['textbook-a-crash-between-charging-and-remembering-e26febbbe4.json', broken['textbook']],
    ['textbook-two-overlapping-copies-of-one-request-826ccff3af.json', broken['textbook']],
    [
      'guessing-that-no-answer-means-not-done-one-lost-reply-and-the-order-is-saved-twi-c68c0885d5.json',
      broken['guessing'],
    ],
    ['read-wait-write-two-buyers-get-the-one-ticket-on-a-perfect-network-784f5e4f3a.json', broken['last-ticket']],
  ]
  test.each(shown)('%s', async (file, system) => {
    if (system === undefined) throw new Error(`Bug: the system of ${file} is gone.`)
    const saved = read(file)

    const assessment = await assess(system, { saved: [saved], numRuns: 0, shrink: false })

    expect(assessment).toMatchObject({
      kind: 'violated',
      replayed: { path: saved.path },
      counterexample: {
        scenario: saved.scenario,
        violation: { reason: classOf(saved.violated) },
      },
      remarks: [],
    })
  })
})
