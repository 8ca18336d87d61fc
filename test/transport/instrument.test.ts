// A driver that no adapter knows: its calls have their four points, its client is as before afterwards, and what cannot
// be taken hold of is refused by name.
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { always, assess, atMostOnce, formatAssessment, rows, type System } from '../../src/index.ts'
import { instrument } from '../../src/stores.ts'
import { breaks, act, node, nothingToJudge, post, runOnce, scenarioOf } from '../simulate/systems.ts'

/** A driver of a database in memory, as somebody may have one: its methods are of its class, and call each other. */
class Client {
  readonly rows: string[] = []

  async query(sql: string, values: readonly string[] = []): Promise<{ rows: readonly string[] }> {
    if (sql.startsWith('insert')) this.rows.push(...values)
    return { rows: [...this.rows] }
  }

  async insertAll(values: readonly string[]): Promise<void> {
    for (const value of values) await this.query('insert', [value])
  }

  count(): number {
    return this.rows.length
  }

  /** A promise that is made by hand. */
  ping(): Promise<string> {
    return Promise.resolve('pong')
  }

  async within<T>(run: () => T): Promise<T> {
    return run()
  }

  clear(): void {
    this.rows.length = 0
  }
}

const client = new Client()
afterEach(() => client.clear())

type Names = Parameters<typeof instrument<Client>>[1]

function systemOf(code: () => unknown, methods: Names = ['query', 'insertAll', 'ping']): System {
  return {
    nodes: { shop: node(code) },
    stores: [instrument(client, methods, { name: 'db', reset: () => client.clear() })],
    operations: [act('act', () => fetch('http://shop/', { method: 'POST' }))],
    invariants: [nothingToJudge],
  }
}

test('each call leaves, is carried out, and comes back; what the client calls itself is its own work', async () => {
  let tookMs = 0
  const system = systemOf(async () => {
    const beganMs = performance.now()
    await client.insertAll(['a', 'b'])
    expect(await client.query('select')).toEqual({ rows: ['a', 'b'] })
    expect(await client.ping()).toBe('pong')
    tookMs = performance.now() - beganMs
  })
  const { history } = await runOnce(system)

  const sent = history.events.flatMap((event) => (event.kind === 'send' && event.address.to === 'db' ? [event] : []))
  expect(sent.map(({ node: by, address }) => `${by}: ${address.operation} ${address.leg}`)).toEqual([
    'shop: insertAll() request',
    'db: insertAll() reply',
    'shop: query() request',
    'db: query() reply',
    'shop: ping() request',
    'db: ping() reply',
  ])
  expect(tookMs).toBe(120)
  expect(client.rows).toEqual([])
  expect(Object.keys(Object.getOwnPropertyDescriptors(client))).toEqual(['rows'])
  await expect(client.query('select')).resolves.toEqual({ rows: [] })
})

test('every history begins alike', async () => {
  const counts: number[] = []
  const system = systemOf(async () => {
    counts.push((await client.query('insert', ['x'])).rows.length)
  })
  for (let again = 0; again < 3; again++) await runOnce(system)

  expect(counts).toEqual([1, 1, 1])
})

/** Notes each request; the sound one looks first whether it is noted, in the same call of the database. */
function noting(how: 'each' | 'once'): System {
  const write = async (): Promise<void> => {
    if (how === 'once' && client.rows.includes('it')) return
    await client.query('insert', ['it']).catch(() => client.query('insert', ['it']))
  }
  return {
    ...systemOf(write, ['query']),
    operations: [post('act', 'http://shop/')],
    invariants: [atMostOnce(rows('note', () => [...client.rows]).by((text) => text))],
  }
}

test('its acknowledgement can be lost: who asks again has it twice', async () => {
  expect(await breaks(noting('each'))).toEqual(
    expect.arrayContaining(['lose reply of query()', 'reset reply of query()']),
  )
})

test('a client that no call reaches fails the test, by name', async () => {
  const system = systemOf(() => client.count())
  const assessment = await assess(
    {
      ...system,
      invariants: [
        always(
          'nothing is there',
          rows('row', () => ['one']),
          () => true,
        ),
      ],
    },
    { numRuns: 3 },
  )

  expect(formatAssessment(assessment, { test: 'unseen' })).toContain(
    'Store "db" saw no call in any history. Is it the instance that the handler uses?',
  )
  expect(assessment.kind).not.toBe('holds')
})

describe('what cannot be taken hold of is refused', () => {
  const of = (given: unknown, methods: unknown, options: object = { name: 'db', reset: () => undefined }) => {
    return () => instrument(given as Client, methods as Names, options as never)
  }

  test.each([
    ['a query builder', of(new Proxy(client, {}), ['query']), 'found a Proxy, as query builders and ORMs make them'],
    ['nothing', of(undefined, ['query']), 'instrument("db"): found undefined, which has nothing to call'],
    ['a frozen client', of(Object.freeze({ query: async () => 1 }), ['query']), 'the client is frozen'],
    ['a name that is none', of(client, ['qery']), '"qery" is no method of the client'],
    ['a name that is nearly one', of(client, ['qery']), 'Did you mean "query"?'],
    ['a field', of(client, ['rows']), '"rows" is no method (found'],
    ['no method', of(client, []), 'no method is named, so that nothing would be seen'],
    ['no list', of(client, 'query'), 'names of methods'],
    ['no reset', of(client, ['query'], { name: 'db' }), 'reset'],
    ['a name of two words', of(client, ['query'], { name: 'a b', reset: () => 1 }), '"a b" is no valid name'],
    [
      'a write that is not named',
      of(client, ['query'], { name: 'db', reset: () => 1, write: ['insertAll'] }),
      'write names "insertAll" (have "query")',
    ],
  ])('%s', (_, make, words) => {
    expect(make).toThrow(words)
  })

  test.each([
    ['a method that gives no promise', () => client.count(), ['count'], 'count() gives no promise'],
    ['a function among the arguments', () => client.within(() => 1), ['within'], 'within() was given a function'],
  ] as const)('%s ends the history', async (_, code, methods, words) => {
    await expect(runOnce(systemOf(async () => void (await code()), methods))).rejects.toThrow(words)
  })

  test('a driver that opens a socket of its own is named with its line', async () => {
    const driver = {
      async query(): Promise<number> {
        await new Promise((resolve) => connect(9, '127.0.0.1').on('close', resolve))
        return 1
      },
    }
    const system: System = {
      ...systemOf(() => driver.query()),
      stores: [instrument(driver, ['query'], { name: 'db', reset: () => undefined })],
    }

    await expect(runOnce(system, scenarioOf(system))).rejects.toThrow(/instrument\.test\.ts:\d+/)
  })

  test('one client cannot be instrumented for two tests at once, and a reset that fails says whose', async () => {
    const store = instrument(client, ['query'], { name: 'db', reset: () => undefined })
    await store.attach()
    expect(() => store.attach()).toThrow('in use by another simulation')
    await store.detach()
    const failing = instrument(client, ['query'], {
      name: 'db',
      reset: () => {
        throw new Error('no such file')
      },
    })
    await failing.attach()
    await expect(failing.reset()).rejects.toThrow('instrument("db"): reset threw')
    await expect(failing.detach()).rejects.toThrow('no such file')
  })
})
