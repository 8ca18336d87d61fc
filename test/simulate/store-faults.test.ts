// What the engines of stores do of their own: each breaks a handler that no other fault breaks, its sound twin holds,
// and only stores that are so do it.
import { mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { claimOf } from '../../src/system/tolerates.ts'
import { singleFaults } from '../../src/scenario/plan.ts'
import { open } from '../../src/simulation.ts'
import { sqlite } from '../../src/store/sqlite/sqlite.ts'
import type { System } from '../../src/system/system.ts'
import { serve } from '../../src/transport/serve.ts'
import { counting, drivers, remembering, saving, settled } from './store-fault-systems.ts'
import { breaks, nothingToJudge, post, runOnce, scenarioOf } from './systems.ts'

const folder = mkdtempSync(join(tmpdir(), 'two-generals-stores-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const file = (): string => join(folder, `${++files}.db`)

describe('a store that takes no writes', () => {
  test('breaks who says that it is saved all the same, and not who tells', async () => {
    expect(await breaks(saving('logs'))).toEqual(['readonly request of insert notes'])
    expect(await breaks(saving('tells'))).toEqual([])
  })

  test.each(Object.entries(drivers))('throws what %s throws where a disk is full', async (_, connect) => {
    const thrown: unknown[] = []
    const { system } = writing(connect, thrown)
    const faults = await singlesOf(system)
    const fault = faults.find(({ kind }) => kind === 'readonly')
    thrown.length = 0

    await runOnce(system, scenarioOf(system, fault === undefined ? [] : [fault]))

    expect(thrown).toEqual([full(connect), 'reads', full(connect)])
  })

  test('takes them again after a while, or when all is healed', async () => {
    const thrown: unknown[] = []
    const { system } = writing(drivers['node:sqlite'], thrown)
    const fault = (await singlesOf(system)).find(({ kind }) => kind === 'readonly')
    thrown.length = 0

    await runOnce(system, scenarioOf(system, fault === undefined ? [] : [{ ...fault, forMs: 0 } as typeof fault]))

    expect(thrown).toEqual(['writes', 'reads', 'writes'])
  })
})

/** Writes, reads, and writes again; and says what came of it. */
function writing(connect: (path: string) => ReturnType<(typeof drivers)['node:sqlite']>, thrown: unknown[]) {
  const db = connect(':memory:')
  db.exec('create table notes (text)')
  const tried = (what: string, run: () => unknown): void => {
    try {
      run()
      thrown.push(what)
    } catch (error) {
      thrown.push(error)
    }
  }
  const shop = serve(() => () => {
    tried('writes', () => db.exec("insert into notes values ('a')"))
    tried('reads', () => (db.prepare('select * from notes') as { all(): unknown }).all())
    tried('writes', () => db.exec("insert into notes values ('b')"))
    return new Response()
  })
  const system: System = {
    nodes: { shop },
    stores: [sqlite(db)],
    operations: [post('write', 'http://shop/')],
    invariants: [nothingToJudge],
  }
  return { system }
}

function full(connect: unknown): unknown {
  return connect === drivers['node:sqlite']
    ? expect.objectContaining({ code: 'ERR_SQLITE_ERROR', errcode: 13, message: 'database or disk is full' })
    : expect.objectContaining({ code: 'SQLITE_FULL', message: 'database or disk is full' })
}

async function singlesOf(system: System) {
  const simulation = await open(system)
  try {
    const { sites } = await simulation.run(scenarioOf(system), { collect: true })
    return singleFaults(sites, claimOf(undefined, []).allowed)
  } finally {
    await simulation.close()
  }
}

describe('a read from a replica that lags', () => {
  test('breaks who reads what it has just written there, and not who reads in its transaction', async () => {
    expect(await breaks(counting('at a replica'))).toEqual(['stale request of select counts'])
    expect(await breaks(counting('where it wrote'))).toEqual([])
    expect(await breaks(remembering())).toEqual(['stale request of get names'])
  })

  test('sees the content of so many writes ago, or of so long ago, and changes nothing', async () => {
    const db = new DatabaseSync(':memory:')
    db.exec('create table counts (n integer); insert into counts values (0)')
    const read: unknown[] = []
    const shop = serve(() => async () => {
      for (let n = 1; n <= 3; n++) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        db.exec(`update counts set n = ${n}`)
      }
      for (let again = 0; again < 2; again++) read.push(db.prepare('select n from counts').get()?.['n'])
      return new Response()
    })
    const system: System = {
      nodes: { shop },
      stores: [sqlite(db, { replica: true })],
      operations: [post('count', 'http://shop/')],
      invariants: [nothingToJudge],
    }
    const stale = (await singlesOf(system)).find(({ kind }) => kind === 'stale')
    const asOf = async (age: object): Promise<unknown> => {
      read.length = 0
      const { fired } = await runOnce(
        system,
        scenarioOf(system, stale === undefined ? [] : [{ kind: 'stale', at: stale.at, ...age }]),
      )
      return [fired.length, ...read]
    }

    expect(await asOf({ writes: 1 })).toEqual([1, 2, 3])
    expect(await asOf({ writes: 2 })).toEqual([1, 1, 3])
    expect(await asOf({ writes: 99 })).toEqual([1, 0, 3])
    expect(await asOf({ byMs: 1 })).toEqual([1, 2, 3])
    expect(await asOf({ byMs: 150 })).toEqual([1, 1, 3])
    expect(await asOf({ byMs: 10_000 })).toEqual([1, 0, 3])
  })

  test('is only where the store is said to have one', async () => {
    const kinds = (await singlesOf(saving('tells'))).map(({ kind }) => kind)

    expect(kinds).toContain('readonly')
    expect(kinds).not.toContain('stale')
    expect(kinds).not.toContain('unsynced')
  })
})

describe('commits that were not on the disk', () => {
  test.each(Object.entries(drivers))('are lost with the power where %s is so set', async (_, connect) => {
    expect(await breaks(settled(file(), 'normal', connect))).toEqual(['unsynced reply of insert notes'])
    expect(await breaks(settled(file(), 'full', connect))).toEqual([])
  })

  test('in memory there is no disk, whatever is set', async () => {
    expect(await breaks(settled(':memory:', 'normal'))).toEqual([])
  })

  test('all who use the store die with it, and each comes back', async () => {
    const path = file()
    const connections = [new DatabaseSync(path), new DatabaseSync(path)] as const
    for (const db of connections) db.exec('pragma journal_mode = wal; pragma synchronous = normal')
    connections[0].exec('create table notes (text)')
    const boots: string[] = []
    const using = (name: string, db: DatabaseSync) =>
      serve(() => {
        boots.push(name)
        return () => {
          db.exec(`insert into notes values ('${name}')`)
          return Response.json(db.prepare('select text from notes').all())
        }
      })
    const system: System = {
      nodes: {
        one: using('one', connections[0]),
        two: using('two', connections[1]),
        idle: serve(() => () => new Response()),
      },
      stores: connections.map((db, index) => sqlite(db, { name: `notes${index}`, wipe: true })),
      operations: [post('first', 'http://one/'), post('second', 'http://two/')],
      invariants: [nothingToJudge],
    }
    const faults = (await singlesOf(system)).filter(({ kind }) => kind === 'unsynced')
    const fault = faults.find(({ at }) => at.to === 'notes0')
    if (fault === undefined) throw new Error('no such fault')
    boots.length = 0

    const { history } = await runOnce(system, scenarioOf(system, [fault]))

    expect(boots).toEqual(['one', 'two', 'one', 'two'])
    expect(history.events.filter(({ kind }) => kind === 'crash').map(({ node }) => node)).toEqual(['one', 'two'])
    expect(connections[0].prepare('select text from notes').all()).toEqual([])
    for (const db of connections) db.close()
  })
})
