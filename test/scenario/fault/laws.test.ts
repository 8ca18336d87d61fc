import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeScenario, encodeScenario } from '../../../src/scenario/codec.ts'
import {
  describeFault,
  faultsAt,
  faultKinds,
  faultSpec,
  faultWords,
  isFaultKind,
  milderFaults,
  deliveryOf,
  type Fault,
} from '../../../src/scenario/fault/registry.ts'
import { undisturbed, type Delivery } from '../../../src/scenario/fault/delivery.ts'
import type { Field } from '../../../src/scenario/fault/spec.ts'
import { listed } from '../../../src/scenario/plan.ts'
import { anyFaultOf, anySite } from '../../arbitraries.ts'
import { callSite } from './sites.ts'

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) frozen(part)
  return Object.freeze(value)
}

function fits(value: unknown, field: Field): boolean {
  switch (field.type) {
    case 'ms':
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) && value >= (field.min ?? -Infinity)
    case 'choice':
      return field.choices.some((choice) => choice === value)
    case 'node':
      return typeof value === 'string' && value !== ''
    case 'nodes':
      return Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string' && name !== '')
    default:
      throw new Error(`no law for ${JSON.stringify(field satisfies never)}`)
  }
}

/** A leg that other faults have rewritten already. */
const busy: Delivery = frozen({
  delayMs: 7,
  fate: 'lost',
  answer: { status: 500 },
  copies: [{ after: 'request', afterMs: 1 }],
  crashes: [{ node: 'x', restartAfterMs: 1 }],
  pauses: [{ node: 'x', forMs: 1, replaced: true }],
  jumps: [{ node: 'x', byMs: 1 }],
  drifts: [{ node: 'x', ppm: 1 }],
})

test('a kind is known by its own name only', () => {
  for (const kind of faultKinds) expect(faultSpec(kind).kind).toBe(kind)
  expect(new Set(faultKinds).size).toBe(faultKinds.length)
  for (const text of ['', 'Lose', 'toString', '__proto__', 'reorder']) expect(isFaultKind(text)).toBe(false)
})

describe.each(faultKinds)('%s keeps the laws of every kind', (kind) => {
  const spec = faultSpec(kind)

  test('strikes somewhere: sites exist where it has values', () => {
    expect(fc.sample(anySite, { numRuns: 300, seed: 1 }).some((site) => faultsAt(kind, site).length > 0)).toBe(true)
  })

  test('its values, the rarer ones too, are of its kind, at the site, without repeats, and their fields are those of the schema', () => {
    fc.assert(
      fc.property(anySite, (site) => {
        const values = faultsAt(kind, frozen(site))
        expect(new Set(values.map((fault) => JSON.stringify(fault))).size).toBe(values.length)
        for (const { kind: its, at, ...fields } of values) {
          expect([its, at]).toStrictEqual([kind, site.address])
          const given = Object.keys(spec.fields).filter(
            (name) => name in fields || spec.fields[name]?.optional !== true,
          )
          expect(Object.keys(fields)).toStrictEqual(given) // also in order: plans are compared by their bytes
          for (const [name, field] of Object.entries(spec.fields)) {
            if (given.includes(name))
              expect(
                fits(new Map<string, unknown>(Object.entries(fields)).get(name), field),
                `${name} of ${JSON.stringify(fields)}`,
              ).toBe(true)
          }
        }
      }),
    )
  })

  test('names only nodes of the site', () => {
    fc.assert(
      fc.property(anySite, (site) => {
        for (const fault of faultsAt(kind, site)) {
          if ('node' in fault) expect(site.nodes).toContain(fault.node)
        }
      }),
    )
  })

  test('each field shrinks to a value that the schema allows', () => {
    for (const field of Object.values(spec.fields)) {
      if (field.type === 'ms' || field.type === 'number') expect(fits(field.target, field)).toBe(true)
      if (field.type === 'choice') expect(new Set(field.choices).size).toBe(field.choices.length)
    }
  })

  test('its rewrite is pure: nothing is changed in place, the same leg again gives the same', () => {
    fc.assert(
      fc.property(anyFaultOf(kind), (any) => {
        const fault = frozen(any)
        for (const delivery of [frozen(undisturbed), busy]) {
          const rewritten = spec.rewrite(delivery, fault)
          expect(Object.keys(rewritten)).toEqual(expect.arrayContaining(Object.keys(undisturbed)))
          expect(spec.rewrite(delivery, fault)).toStrictEqual(rewritten)
        }
      }),
    )
  })

  test('does something to a leg that nothing has happened to', () => {
    fc.assert(
      fc.property(anySite, (site) => {
        for (const fault of faultsAt(kind, site)) expect(deliveryOf([fault])).not.toStrictEqual(undisturbed)
      }),
    )
  })

  test('has few words on one line, for every fault that can be', () => {
    fc.assert(
      fc.property(anyFaultOf(kind), (fault) => {
        expect(faultWords(fault).trim()).not.toBe('')
        expect(faultWords(fault)).not.toMatch(/undefined|NaN|\[object/)
      }),
    )
    for (const site of fc.sample(anySite, { numRuns: 200, seed: 2 })) {
      for (const fault of faultsAt(kind, site)) expect(faultWords(fault)).toMatch(/^\S.{3,78}\S$/)
    }
  })

  test('has a phrase on one line, for every fault that can be', () => {
    fc.assert(
      fc.property(anyFaultOf(kind), (fault) => {
        expect(describeFault(fault).trim()).not.toBe('')
        expect(describeFault(fault)).not.toMatch(/undefined|NaN|\[object/)
      }),
    )
  })

  test('its milder faults are of known kinds, other than itself, and are told in words', () => {
    fc.assert(
      fc.property(anySite, (site) => {
        for (const fault of faultsAt(kind, site)) {
          for (const { instead, words } of milderFaults(fault, [site])) {
            expect(faultKinds).toContain(instead.kind)
            expect(instead).not.toStrictEqual(fault)
            expect(words).toMatch(/^\S.*\S$/)
          }
        }
      }),
    )
  })

  test('its values survive being saved', () => {
    fc.assert(
      fc.property(anySite, (site) => {
        const plan = listed(faultsAt(kind, site))
        expect(
          decodeScenario(
            JSON.parse(JSON.stringify(encodeScenario({ seed: 1, workload: { invocations: [] }, plan }))),
            'it',
          ).plan,
        ).toStrictEqual(plan)
      }),
    )
  })
})

test('a leg without faults is undisturbed, and several rewrite it one after the other', () => {
  expect(deliveryOf([])).toBe(undisturbed)
  const { address: at } = callSite('request')
  const faults: readonly Fault[] = [
    { kind: 'delay', at, byMs: 5 },
    { kind: 'delay', at, byMs: 7 },
    { kind: 'duplicate', at, after: 'reply', gapMs: 1 },
    { kind: 'crash', at, node: 'b', restartAfterMs: 9 },
    { kind: 'jump', at, node: 'a', byMs: -3 },
    { kind: 'lose', at },
  ]
  expect(deliveryOf(faults)).toStrictEqual({
    delayMs: 12,
    fate: 'lost',
    copies: [{ after: 'reply', afterMs: 1 }],
    crashes: [{ node: 'b', restartAfterMs: 9 }],
    pauses: [],
    jumps: [{ node: 'a', byMs: -3 }],
    drifts: [],
  })
})
