// Counterexamples that users have committed must stay readable for ever. The files in saved/v1 were written by version
// 0.1.0 and are never written again; a new format of the files gets a folder of its own beside them. What a file means
// is read here a second time, straight from its JSON, so that a mistake in the package's decoder cannot hide itself.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { assess } from '../../src/property.ts'
import { writeAddress } from '../../src/scenario/address-text.ts'
import { readCounterexample } from '../../src/saved/saved.ts'
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

const bytesOf = (name: string): string => readFileSync(join(folder, name), 'utf8')
const written = (name: string): Written => JSON.parse(bytesOf(name), withDates) as Written
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

    const read = readCounterexample(join(folder, name))

    expect({ test: read.test, violated: read.violated, hash: read.hash }).toEqual({ test: savedTest, violated, hash })
    expect(read.scenario.seed).toBe(scenario.seed)
    const faults = read.scenario.plan.kind === 'listed' ? read.scenario.plan.faults : []
    expect(faults.map((fault) => ({ ...fault, at: writeAddress(fault.at) }))).toEqual(
      scenario.plan.faults.map((fault) => ({ ...fault, at: { path: [], ...fault.at } })),
    )
    expect(withoutTypedInputs(name, read.scenario.workload)).toEqual(withoutTypedInputs(name, scenario.workload))
  })

  /** In the file of typed inputs, all but the inputs themselves. */
  function withoutTypedInputs(name: string, { invocations }: Written['scenario']['workload']): readonly unknown[] {
    return name === typedInputs ? invocations.map((invocation) => ({ ...invocation, input: 'typed' })) : invocations
  }

  test('an input of any type has its value again', () => {
    const { workload } = readCounterexample(join(folder, typedInputs)).scenario

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
    const saved = readCounterexample(join(folder, file))

    const assessment = await assess(system, { saved: [saved], numRuns: 0, shrink: false })

    expect(assessment).toMatchObject({
      kind: 'violated',
      replayed: { path: saved.path },
      counterexample: { scenario: saved.scenario, violation: { reason: { class: saved.violated.class } } },
      remarks: [],
    })
  })
})
