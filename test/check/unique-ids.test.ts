import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/check/check.ts'
import { uniqueIds } from '../../src/check/unique-ids.ts'
import { op } from '../../src/system/operation.ts'
import { ends, historyOf, invoke, type Line } from './build-history.ts'
import { acts } from './build-transactions.ts'

const verdict = (...lines: readonly (readonly Line[])[]) => check(historyOf(...lines.flat()), [uniqueIds()])[0]
const create = op('create', fc.constant(null), () => ({ id: 1 }))

describe('uniqueIds', () => {
  test('holds when ids differ', () => {
    expect(
      verdict(acts(0, 0, 'generate', null, 7), acts(1, 0, 'generate', null, '7'), acts(1, 10, 'other', null, 7)),
    ).toEqual({ kind: 'holds', reasons: [] })
  })

  test('is violated when an id is given twice', () => {
    expect(verdict(acts(0, 0, 'generate', null, 7), acts(1, 0, 'generate', null, 7))).toMatchInlineSnapshot(`
      {
        "kind": "violated",
        "reasons": [
          {
            "events": [
              0,
              1,
              2,
              3,
            ],
            "kind": "duplicate-id",
            "subject": 7,
            "text": "The id 7 was given twice: to generate of client 0 at 0.005 s and generate of client 1 at 0.005 s; expected an id of its own for every operation.",
          },
        ],
      }
    `)

    const read = uniqueIds(create.as((_, answer) => answer?.id))

    expect(
      check(historyOf(...acts(0, 0, 'create', null, { id: 1 }), ...acts(0, 10, 'create', null, { id: 1 })), [read])[0]
        ?.kind,
    ).toBe('violated')
    expect(read.name).toBe('uniqueIds(create)')
  })

  test('is unknown when an answer has no id', () => {
    expect(verdict(acts(0, 0, 'generate', null))?.reasons[0]?.text).toContain(
      'generate of client 0 (event 0) was answered ok without an id (undefined)',
    )
  })

  test('is vacuous when fewer than two ids are known', () => {
    expect(
      verdict(acts(0, 0, 'generate', null, 7), [invoke(0, 'generate', 9, null, 1), ends(5, 'info', 9)])?.kind,
    ).toBe('vacuous')
  })
})
