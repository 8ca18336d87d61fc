// Parts of kinds, as claims name them: what docs/claims.md says of them is what there is, and each divides its kind.
import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { faultKinds, faultSpec, type Fault, type FaultKind } from '../../../src/scenario/fault/registry.ts'
import type { Bound, Choices } from '../../../src/scenario/fault/spec.ts'
import { subKind } from '../../../src/scenario/fault/sub-kind.ts'
import { anyFaultOf } from '../../arbitraries.ts'

const parts = faultKinds.flatMap((kind) => {
  const known: Readonly<Record<string, Choices<Fault> | Bound<Fault>>> = { ...faultSpec(kind).parts }
  return Object.entries(known).map(([name, part]) => ({ kind, name, part }))
})

const choices = parts.flatMap(({ part, ...of }) => (part.type === 'choices' ? [{ ...of, part }] : []))
const bounds = parts.flatMap(({ part, ...of }) => (part.type === 'bound' ? [{ ...of, part }] : []))

const rows = readFileSync('docs/claims.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))

test.each(parts)('docs/claims.md names $name of $kind, and its values', ({ kind, name, part }) => {
  const row = rows.find((line) => line.split('|')[1]?.includes(`\`${kind}\``) === true && line.includes(`\`${name}\``))
  expect(row).toBeDefined()
  if (part.type === 'choices') for (const value of Object.keys(part.words)) expect(row).toContain(`'${value}'`)
})

test.each(choices)('$name divides all faults of $kind', ({ kind, name, part }) => {
  const values = Object.keys(part.words)
  fc.assert(
    fc.property(anyFaultOf(kind), (fault) => {
      const fits = values.filter((value) => subKind({ kind, [name]: value }, 'test').limited(fault) === fault)
      expect(fits).toHaveLength(1)
      expect(subKind({ kind, [name]: values }, 'test').limited(fault)).toBe(fault)
    }),
  )
})

test.each(bounds)('$name limits any fault of $kind, and leaves those within', ({ kind, name }) => {
  fc.assert(
    fc.property(anyFaultOf(kind), fc.integer({ min: 1, max: 100_000 }), (fault, most) => {
      const part = subKind({ kind, [name]: most }, 'test')
      const within = part.limited(fault)
      if (within === undefined) throw new Error('a bound never excludes')
      expect(part.limited(within)).toBe(within)
      expect(within).toMatchObject({ kind, at: fault.at })
    }),
  )
})

test('another kind is another fault', () => {
  fc.assert(
    fc.property(fc.constantFrom<FaultKind>(...faultKinds), anyFaultOf('lose'), (kind, lose) => {
      expect(subKind(kind, 'test').limited(lose)).toBe(kind === 'lose' ? lose : undefined)
    }),
  )
})
