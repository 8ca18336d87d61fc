// The hint for a read, a wait and a write on one Map or row: what helps is one step, whatever the violation is called.
import * as fc from 'fast-check'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import {
  ackDurable,
  assess,
  atLeastOnce,
  counter,
  linearizable,
  map,
  op,
  rows,
  serve,
  sqlite,
  type Invariant,
  type System,
} from '../../src/index.ts'
import { hintsFor } from '../../src/report/hints-for.ts'
import { sleep } from '../bench/sound/sound.ts'

const note = op('note', fc.uuid(), (id) => fetch('http://notes/', { method: 'POST', body: id }))
const read = op('read', fc.constant(null), () => fetch('http://notes/'))

/** A list that is read, and written back as a whole. */
function listed(invariantOf: (row: ReturnType<typeof rows<string>>) => Invariant): System {
  const lists = new Map<string, readonly string[]>()
  const row = rows('row', () => lists.get('all') ?? [])
  return {
    nodes: {
      notes: serve(() => async (request: Request) => {
        const all = lists.get('all') ?? []
        await sleep(5)
        lists.set('all', [...all, await request.text()])
        return new Response(null, { status: 201 })
      }),
    },
    stores: [map(lists, { name: 'lists' })],
    operations: [note],
    invariants: [invariantOf(row)],
    tolerates: ['lose'],
  }
}

/** A row whose number is read, and written back. */
function numbered(): System {
  const db = new DatabaseSync(':memory:')
  db.exec('create table counts (n integer); insert into counts values (0)')
  return {
    nodes: {
      notes: serve(() => async (request: Request) => {
        const n = Number(db.prepare('select n from counts').get()?.['n'])
        if (request.method === 'GET') return Response.json(n)
        await sleep(5)
        db.prepare('update counts set n = ?').run(n + 1)
        return new Response(null, { status: 201 })
      }),
    },
    stores: [sqlite(db)],
    operations: [note, read],
    invariants: [
      linearizable(counter(), [
        note.as(() => ({ f: 'add', input: 1 })),
        read.as((_, answer) => ({ f: 'read', output: answer === undefined ? undefined : Number(answer.body) })),
      ]),
    ],
    tolerates: ['lose'],
  }
}

describe('reading and writing in two steps', () => {
  test.each<readonly [string, () => System]>([
    [
      'of a Map, where an entry is missing',
      () =>
        listed((row) =>
          atLeastOnce(
            note.by((id) => id),
            row.by((id) => id),
          ),
        ),
    ],
    [
      'of a Map, where an acknowledged entry is lost',
      () =>
        listed((row) =>
          ackDurable(
            note.by((id) => id),
            row.by((id) => id),
          ),
        ),
    ],
    ['of a row, where no order explains the reads', numbered],
  ])('%s', async (_, system) => {
    const assessment = await assess(system(), { seed: 1 })
    if (assessment.kind !== 'violated') throw new Error(assessment.kind)

    const [first, ...others] = hintsFor(assessment.counterexample)

    expect(first).toMatch(/^do the read and the write in one step/)
    expect(others.join('\n')).not.toContain('answer ok only when')
  })
})
