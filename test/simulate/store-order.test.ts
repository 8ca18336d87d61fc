// Two processes on one store, each with its turn between two statements of the other: no fault, and nothing that one
// process could do to itself. What a database makes one step stays one.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Assessment } from '../../src/assessment.ts'
import { atMostOnce } from '../../src/check/at-most-once.ts'
import { always } from '../../src/check/always.ts'
import { journal } from '../../src/history/effect.ts'
import { historyBytes } from '../../src/history/history-bytes.ts'
import { assess } from '../../src/property.ts'
import type { SavedCounterexample } from '../../src/saved/saved-counterexample.ts'
import { decodeScenario, encodeScenario } from '../../src/scenario/codec.ts'
import { simulate } from '../../src/simulation.ts'
import { storyOf } from '../../src/report/story-of.ts'
import { formatAssessment } from '../../src/report/format-assessment.ts'
import { map } from '../../src/store/map.ts'
import { sqlite } from '../../src/store/sqlite/sqlite.ts'
import { op } from '../../src/system/operation.ts'
import type { System, Tolerates } from '../../src/system/system.ts'
import { serve } from '../../src/transport/serve.ts'
import { full } from '../full.ts'

const db = new DatabaseSync(':memory:')
db.exec('create table used (token text primary key)')
const granted = journal<string>('granted')
const tokens = fc.constantFrom('token-aaaa', 'token-bbbb')

const isUsed = (token: string): boolean => db.prepare('select 1 from used where token = ?').get(token) !== undefined
const use = (token: string): boolean => db.prepare('insert or ignore into used values (?)').run(token).changes > 0

type Redeem = (token: string, request: Request) => unknown

/** A token may be redeemed once. How a request does that is what the systems differ in. */
function redeeming(boot: () => Redeem, instances = 2): System {
  return {
    nodes: {
      desk: serve(
        () => {
          const redeem = boot()
          return async (request: Request) => {
            await redeem(new URL(request.url).pathname.slice(1), request)
            return new Response('ok')
          }
        },
        { instances },
      ),
    },
    stores: [sqlite(db, { name: 'ledger' })],
    operations: [
      op('redeem', tokens, (token) => fetch(`http://desk/${token}`, { method: 'POST', body: '{}' }), {
        doubleSubmit: true,
      }),
    ],
    tolerates: most,
    invariants: [atMostOnce(granted.by((token) => token))],
  }
}

function lookThenUse(token: string): void {
  if (isUsed(token)) return
  use(token)
  granted.add(token)
}

/** Older versions of Node have no `Map.prototype.getOrInsert`. */
function getOrInsert(target: Map<string, string>, key: string, value: string): string {
  const call: unknown = Reflect.get(target, 'getOrInsert')
  if (typeof call !== 'function') throw new Error('this Node has no getOrInsert')
  return String(Reflect.apply(call, target, [key, value]))
}

/** What each system has to hold under. None of them rolls back what a full disk has stopped half-way. */
const most: Tolerates = full ? { except: ['crash', 'readonly'] } : ['delay', 'duplicate']

const few = { seed: 1, numRuns: full ? 25 : 3 }

/** What is left of the plan. */
function planOf(found: Assessment): unknown {
  if (found.kind !== 'violated') return found.kind
  const { plan } = found.counterexample.scenario
  return plan.kind === 'listed' ? [plan.faults.length, plan.order?.length ?? 0] : plan.kind
}

describe('a look, and then an act', () => {
  test.each<[string, Redeem]>([
    ['in one synchronous stretch', lookThenUse],
    [
      'in one synchronous stretch after the body was read',
      async (token, request) => {
        await request.json()
        lookThenUse(token)
      },
    ],
    [
      'with a promise between',
      async (token) => {
        if (isUsed(token)) return
        await Promise.resolve()
        use(token)
        granted.add(token)
      },
    ],
    [
      'where the act is a transaction and the look is not',
      (token) => {
        if (isUsed(token)) return
        db.exec('begin immediate')
        use(token)
        db.exec('commit')
        granted.add(token)
      },
    ],
  ])('%s: another instance is in time to look, too', async (_, redeem) => {
    const found = await assess(
      redeeming(() => redeem),
      few,
    )
    expect(planOf(found)).toEqual([0, 1])
  })

  test.each<[string, Redeem]>([
    ['an insert that says whether it inserted', (token) => void (use(token) && granted.add(token))],
    ['a look before such an insert', (token) => void (!isUsed(token) && use(token) && granted.add(token))],
    [
      'a transaction around both',
      (token) => {
        db.exec('begin immediate')
        if (!isUsed(token) && use(token)) granted.add(token)
        db.exec('commit')
      },
    ],
    [
      'a lock that is a row',
      (token) => {
        if (!use(`lock ${token}`)) return
        lookThenUse(token)
        db.prepare('delete from used where token = ?').run(`lock ${token}`)
      },
    ],
  ])('%s keeps two instances apart', async (_, redeem) => {
    expect(
      planOf(
        await assess(
          redeeming(() => redeem),
          few,
        ),
      ),
    ).toBe('holds')
  })

  test('one process is never interrupted', async () => {
    expect(
      planOf(
        await assess(
          redeeming(() => lookThenUse, 1),
          few,
        ),
      ),
    ).toBe('holds')
  })

  test('a mutex in memory keeps requests of one process apart, and not those of two', async () => {
    const guarded = (): Redeem => {
      let last = Promise.resolve()
      return (token) => (last = last.then(() => lookThenUse(token)))
    }
    expect(planOf(await assess(redeeming(guarded, 1), few))).toBe('holds')
    expect(planOf(await assess(redeeming(guarded, 2), few))).toEqual([0, 1])
  })

  test('a mutex of the module, which two processes would not share, is told of', async () => {
    let last = Promise.resolve()
    const guarded = (): Redeem => (token) =>
      (last = last.then(async () => {
        if (isUsed(token)) return
        await new Promise((resolve) => setTimeout(resolve, 5))
        use(token)
        granted.add(token)
      }))
    const told = async (instances: number): Promise<string> =>
      (await assess(redeeming(guarded, instances), few)).remarks.join()
    expect(await told(2)).toContain('Before they used "ledger", processes waited for each other in memory')
    expect(await told(1)).not.toContain('waited for each other')
  })
})

describe('other ways to share', () => {
  test('two nodes on one Map: what one has read, the other changes', async () => {
    const stock = new Map<string, number>([['apples', 10]])
    const left = journal<number>('left')
    const take = (): (() => Response) => () => {
      const next = (stock.get('apples') ?? 0) - 1
      stock.set('apples', next)
      left.add(next)
      return new Response('ok')
    }
    const system = (both: boolean): System => ({
      nodes: { shop: serve(take), warehouse: serve(both ? take : () => () => new Response(String(stock.size))) },
      stores: [map(stock, { name: 'stock' })],
      operations: [
        op('sell', fc.constant(null), () => fetch('http://shop/')),
        op('send', fc.constant(null), () => fetch('http://warehouse/')),
      ],
      tolerates: most,
      invariants: [atMostOnce(left.by(String))],
    })
    expect(planOf(await assess(system(true), few))).toEqual([0, 1])
    expect(planOf(await assess(system(false), few))).toBe('holds')
  })

  test.each(['has and set', ...('getOrInsert' in Map.prototype ? ['getOrInsert'] : [])])(
    'a Map on which a key is claimed by %s',
    async (way) => {
      const claims = new Map<string, string>()
      const won = journal<string>('won')
      let calls = 0
      const claim = (): Redeem => (token) => {
        const own = `call ${++calls}`
        const first = way === 'getOrInsert' ? getOrInsert(claims, token, own) : (claims.get(token) ?? own)
        claims.set(token, first)
        if (first === own) won.add(token)
      }
      const system: System = {
        ...redeeming(claim),
        stores: [map(claims, { name: 'claims' })],
        invariants: [atMostOnce(won.by((token) => token))],
      }
      expect(planOf(await assess(system, few))).toEqual(way === 'getOrInsert' ? 'holds' : [0, 1])
    },
  )

  test('two that reach the store after different ways are brought there at one moment', async () => {
    const state = new Map<string, string>()
    const told = journal<string>('told')
    const end = (word: string, farAway: boolean) => () => async () => {
      if (farAway) await fetch('http://price/')
      if (state.get('order') !== undefined) return new Response(null, { status: 409 })
      state.set('order', word)
      told.add(word)
      return new Response('ok')
    }
    const system = (farAway: boolean): System => ({
      nodes: {
        price: serve(() => () => new Response('1')),
        ship: serve(end('shipped', farAway)),
        cancel: serve(end('cancelled', false)),
      },
      stores: [map(state, { name: 'state' })],
      operations: [
        op('ship', fc.constant(null), () => fetch('http://ship/')),
        op('cancel', fc.constant(null), () => fetch('http://cancel/')),
      ],
      tolerates: most,
      invariants: [atMostOnce(told.by(() => 'order'))],
    })
    for (const farAway of [true, false]) expect(planOf(await assess(system(farAway), few))).toEqual([0, 1])
  })

  /** One node moves money from one account to the other, one adds both up. */
  function bank(transfer: (move: () => void) => void, total: () => number): System {
    db.exec('create table if not exists account (name text primary key, cents int)')
    const seen = journal<number>('seen')
    const move = (): void => {
      db.exec("update account set cents = cents - 1 where name = 'a'")
      db.exec("update account set cents = cents + 1 where name = 'b'")
    }
    return {
      nodes: {
        bank: serve(() => () => {
          transfer(move)
          return new Response('ok')
        }),
        audit: serve(() => () => {
          seen.add(total())
          return new Response('ok')
        }),
      },
      stores: [sqlite(db, { name: 'ledger', seed: (it) => it.exec("insert into account values ('a', 10), ('b', 0)") })],
      operations: [
        op('transfer', fc.constant(null), () => fetch('http://bank/')),
        op('audit', fc.constant(null), () => fetch('http://audit/')),
      ],
      tolerates: most,
      invariants: [always('no money is made or lost', seen, (sums) => sums.every((sum) => sum === 10))],
    }
  }

  const cents = (name: string): number =>
    Number(db.prepare('select cents from account where name = ?').get(name)?.['cents'])
  const oneByOne = (): number => cents('a') + cents('b')
  const atOnce = (): number => Number(db.prepare('select sum(cents) as sum from account').get()?.['sum'])
  const inTransaction = <T>(code: () => T): T => {
    db.exec('begin')
    const result = code()
    db.exec('commit')
    return result
  }

  test.each<[string, (move: () => void) => void, () => number, unknown]>([
    ['half a transfer is seen', (move) => move(), atOnce, [0, 1]],
    ['a transfer is made between two reads', inTransaction, oneByOne, [0, 1]],
    ['one transaction is seen whole by one statement', inTransaction, atOnce, 'holds'],
    ['one transaction is seen whole by another', inTransaction, () => inTransaction(oneByOne), 'holds'],
  ])('%s', async (_, transfer, total, expected) => {
    expect(planOf(await assess(bank(transfer, total), few))).toEqual(expected)
  })

  test('two pollers take one job, unless taking it is one statement', { tags: ['full'] }, async () => {
    db.exec("create table if not exists job (id text primary key, state text default 'new')")
    const done = journal<string>('done')
    const polling = (take: () => string): System => ({
      nodes: {
        api: serve(() => (request) => {
          db.prepare('insert or ignore into job (id) values (?)').run(new URL(request.url).pathname)
          return new Response('ok')
        }),
        worker: serve(
          () => {
            setInterval(() => {
              const id = take()
              if (id !== '') done.add(id)
            }, 100)
            return () => new Response('ok')
          },
          { instances: 2 },
        ),
      },
      stores: [sqlite(db, { name: 'ledger' })],
      operations: [op('enqueue', fc.uuid(), (id) => fetch(`http://api/${id}`), { retries: 1 })],
      tolerates: ['delay'],
      invariants: [atMostOnce(done.by((id) => id))],
    })
    const first = (): string =>
      String(db.prepare("select coalesce(min(id), '') as id from job where state = 'new'").get()?.['id'])
    const lookThenTake = (): string => {
      const id = first()
      if (id !== '') db.prepare("update job set state = 'taken' where id = ?").run(id)
      return id
    }
    const takeIfNew = (): string => {
      const id = first()
      const taken = db.prepare("update job set state = 'taken' where id = ? and state = 'new'").run(id)
      return taken.changes === 1 ? id : ''
    }
    expect(planOf(await assess(polling(lookThenTake), few))).toEqual([0, 1])
    if (full) expect(planOf(await assess(polling(takeIfNew), { ...few, numRuns: 10 }))).toBe('holds')
  })

  test('a request is brought to the moment at which another process polls', async () => {
    const jobs = new Map<string, string>()
    const ended = journal<string>('ended')
    const end = (id: string, how: string): void => {
      if (jobs.get(id) !== 'new') return
      jobs.set(id, how)
      ended.add(id)
    }
    const system: System = {
      nodes: {
        api: serve(() => (request) => {
          const id = new URL(request.url).pathname
          if (request.method === 'DELETE') end(id, 'cancelled')
          else if (!jobs.has(id)) jobs.set(id, 'new')
          return new Response('ok')
        }),
        worker: serve(() => {
          setInterval(() => {
            for (const id of [...jobs.keys()]) end(id, 'done')
          }, 1_000)
          return () => new Response('ok')
        }),
      },
      stores: [map(jobs, { name: 'jobs' })],
      tolerates: ['delay'],
      operations: [
        op('enqueue', tokens, (id) => fetch(`http://api/${id}`, { method: 'POST' })),
        op('cancel', tokens, (id) => fetch(`http://api/${id}`, { method: 'DELETE' })),
      ],
      invariants: [atMostOnce(ended.by((id) => id))],
    }
    for (const seed of full ? [1, 2, 3] : [1])
      expect(planOf(await assess(system, { seed, numRuns: 0 }))).toEqual([0, 1])
  })

  test('two connections to one file', { tags: ['full'] }, async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'two-generals-')), 'shop.db')
    const connections = [new DatabaseSync(file), new DatabaseSync(file)] as const
    connections[0].exec('create table used (token text primary key)')
    let boots = 0
    const system: System = {
      ...redeeming(() => () => undefined),
      nodes: {
        desk: serve(
          () => {
            const own = connections[boots++ % 2] ?? connections[0]
            return (request) => {
              const token = new URL(request.url).pathname.slice(1)
              if (own.prepare('select 1 from used where token = ?').get(token) === undefined) {
                own.prepare('insert or ignore into used values (?)').run(token)
                granted.add(token)
              }
              return new Response('ok')
            }
          },
          { instances: 2 },
        ),
      },
      stores: [
        sqlite(connections[0], { name: 'first', wipe: true }),
        sqlite(connections[1], { name: 'second', wipe: true }),
      ],
    }
    expect(planOf(await assess(system, few))).toEqual([0, 1])
    for (const connection of connections) connection.close()
  })
})

describe('an order', () => {
  const system = redeeming(() => lookThenUse)

  test('is told in the story, where both begin at the same moment', async () => {
    const found = await assess(system, few)
    const report = formatAssessment(found, { test: 'a token is redeemed once' }, { width: 140 })
    const rows = report
      .split('\n')
      .map((line) => /select used|insert used/.exec(line)?.[0])
      .filter((word) => word !== undefined)
    expect(rows.slice(0, 4)).toEqual(['select used', 'select used', 'insert used', 'insert used'])
    expect(report).toContain("desk #2 reads before desk #1's insert used")
    expect(report).toMatch(/without it:\s+holds/)
    expect(report).not.toContain('no fault at all')
    expect(report).toContain('Hint        make check and write one atomic step')
  })

  test('that nobody met is told to have had no effect', async () => {
    const found = await assess(system, few)
    if (found.kind !== 'violated') throw new Error('nothing was found')
    const { scenario, history } = found.counterexample
    const alone = { ...scenario, workload: { invocations: scenario.workload.invocations.slice(0, 1) } }
    const story = storyOf(await simulate(system, alone), alone)
    expect(story).toContain('Did not fire: insert used in ledger (redeem redeem#0, attempt 1) comes only after what')
    expect(storyOf(history, scenario)).not.toContain('Did not fire')
  })

  test('is saved, read back, and gives the same history byte for byte', async () => {
    const found = await assess(system, few)
    if (found.kind !== 'violated') throw new Error('nothing was found')
    const { scenario, history } = found.counterexample
    const read = decodeScenario(JSON.parse(JSON.stringify(encodeScenario(scenario))), 'order.json')
    expect(read).toEqual(scenario)
    expect(historyBytes(await simulate(system, read))).toBe(historyBytes(history))
  })

  test('is moved to the change that stands where the old one was', async () => {
    const found = await assess(system, few)
    if (found.kind !== 'violated') throw new Error('nothing was found')
    const { scenario, violation } = found.counterexample
    const edited = redeeming(() => (token) => {
      if (isUsed(token)) return
      db.prepare('replace into used values (?)').run(token)
      granted.add(token)
    })
    const saved: SavedCounterexample = {
      path: 'order.json',
      test: { file: 'a.test.ts', name: 'a' },
      violated: { invariant: violation.invariant, kind: violation.reason.kind, text: '' },
      scenario,
    }
    const again = await assess(edited, { ...few, saved: [saved] })
    expect(again.explored.saved).toBe(1)
    expect(planOf(again)).toEqual([0, 1])
    expect(again.remarks.join()).toContain('late change: moved from')
    const gone = await assess(
      redeeming(() => () => undefined),
      { ...few, saved: [saved] },
    )
    expect(gone.remarks.join()).toContain('1 of its faults did not fire')
  })

  test('that nobody could try is said to be unexplored', async () => {
    const alone: System = { ...system, clients: 1 }
    expect((await assess(alone, few)).remarks.join()).toContain('Not explored on "ledger"')
    expect(
      (
        await assess(
          redeeming(() => lookThenUse, 1),
          few,
        )
      ).remarks.join(),
    ).not.toContain('Not explored')
    expect(
      (
        await assess(
          redeeming(() => use),
          few,
        )
      ).remarks.join(),
    ).not.toContain('Not explored')
  })
})
