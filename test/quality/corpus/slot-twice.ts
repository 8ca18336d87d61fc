// A report every minute (PHENOMENA 19, 33): each of two instances looks whether it was made, makes it and notes that.
// Both look before either has noted it.
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { atMostOnce, journal, op, serve, sqlite, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post, sleep } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

function system(sound: boolean): System {
  const db = new DatabaseSync(':memory:')
  db.exec('create table done (slot integer primary key)')
  const find = db.prepare('select slot from done where slot = ?')
  const note = db.prepare('insert or ignore into done (slot) values (?)')
  const report = journal<number>('report')
  const boot = () => async (): Promise<Response> => {
    const slot = Math.floor(Date.now() / 60_000)
    const isMine = sound ? note.run(slot).changes === 1 : find.get(slot) === undefined
    if (!isMine) return answer(200)
    await sleep(10)
    report.add(slot)
    note.run(slot)
    return answer(202)
  }
  const tick = op('tick', fc.uuid(), (by) => post('http://reporter/', by), { timeout: 5_000 })
  return {
    nodes: { reporter: serve(boot, { instances: 2 }) },
    stores: [sqlite(db, { name: 'db' })],
    operations: [tick],
    invariants: [atMostOnce(report.by((slot) => slot))],
  }
}

export const slotTwice: Planted = {
  name: 'two instances run one slot',
  depth: 0,
  phenomena: [19, 33],
  system,
  smallest: scenarioOf([
    { operation: 'tick', input: '00000000-0000-1000-8000-000000000000' },
    { operation: 'tick', input: '00000000-0000-1000-8000-000000000001', client: 1 },
  ]),
}
