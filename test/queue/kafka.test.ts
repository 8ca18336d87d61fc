// Kafka in kafkajs' shape: order, offsets, groups and rebalances; and consumers found out and held from generators
// alone.
import { assess, formatAssessment, type System } from 'two-generals'
import { describe, expect, test } from 'vitest'
import { kafkaCluster, worker, type KafkaEachBatch, type KafkaEachMessage, type KafkaRun } from 'two-generals/queues'
import { amount } from '../full.ts'
import { adds, blocked, booking, goesOn, logged, puts, set, start, throwsForOne, written } from './kafka-worlds.ts'
import { rehearse } from '../../src/conformance/rehearse.ts'

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

type Cluster = ReturnType<typeof kafkaCluster>

/** What consumers see of these messages, in two equal histories. */
async function seen(
  run: (see: (what: unknown) => void) => KafkaRun,
  send: (cluster: Cluster) => Promise<unknown>,
  { instances = 1, partitions = 1 }: { readonly instances?: number; readonly partitions?: number } = {},
): Promise<unknown> {
  const cluster = kafkaCluster({ orders: partitions })
  let all: unknown[] = []
  const billing = worker(
    () =>
      start(
        cluster,
        run((what) => all.push(what)),
      ),
    { instances },
  )
  const watched = await rehearse({ nodes: { billing } }, async () => {
    all = []
    await send(cluster)
    return [...all]
  })
  return watched.seen
}

const text = ({ topic, partition, message }: KafkaEachMessage): string =>
  `${topic} ${partition} ${message.offset} ${message.key?.toString()} ${message.value?.toString()}`

describe('kafka', () => {
  test('each message comes in order, with its offset', async () => {
    const messages = ['a', 'b', 'c'].map((value) => ({ key: 'k', value, headers: { trace: '1' } }))
    expect(
      await seen(
        (see) => ({ eachMessage: async (payload) => see([text(payload), String(payload.message.headers['trace'])]) }),
        async (cluster) => {
          await cluster.producer().send({ topic: 'orders', messages })
          await wait(1_000)
        },
      ),
    ).toEqual([
      ['orders 0 0 k a', '1'],
      ['orders 0 1 k b', '1'],
      ['orders 0 2 k c', '1'],
    ])
  })

  test('a handler that throws gets its message again, and what was done before does not come again', async () => {
    expect(
      await seen(
        (see) => ({
          async eachMessage(payload) {
            see([Math.round(performance.now()), text(payload)])
            if (payload.message.value?.toString() === 'b') throw new Error('no')
          },
        }),
        async (cluster) => {
          await cluster.producer().send({ topic: 'orders', messages: [{ value: 'a' }, { value: 'b' }, { value: 'c' }] })
          await wait(2_000)
        },
      ),
    ).toEqual([
      [80, 'orders 0 0 undefined a'],
      [80, 'orders 0 1 undefined b'],
      [460, 'orders 0 1 undefined b'],
      [1_100, 'orders 0 1 undefined b'],
    ])
  })

  test('a batch goes on behind what was resolved', async () => {
    expect(
      await seen(
        (see) => ({
          eachBatchAutoResolve: false,
          async eachBatch({ batch, resolveOffset }: KafkaEachBatch) {
            see(batch.messages.map(({ value }) => String(value)).join())
            resolveOffset(batch.messages[0]?.offset ?? '')
            await wait(10)
          },
        }),
        async (cluster) => {
          await cluster.producer().send({ topic: 'orders', messages: [{ value: 'a' }, { value: 'b' }, { value: 'c' }] })
          await wait(3_000)
        },
      ),
    ).toEqual(['a,b,c', 'b,c', 'c'])
  })

  const twice = async (cluster: Cluster): Promise<void> => {
    for (const value of ['early', 'late']) {
      await cluster.producer().send({ topic: 'orders', messages: [{ value }] })
      await wait(10_000)
    }
  }

  test.each([
    [true, ['early', 'late']],
    [undefined, ['late']],
  ])('a group that is new begins at the end, unless it subscribes from the beginning (%s)', async (given, values) => {
    const cluster = kafkaCluster({ orders: 1 })
    let found: unknown[] = []
    const billing = worker(() => {
      setTimeout(() => {
        const consumer = cluster.consumer({ groupId: 'billing' })
        void consumer
          .subscribe({ topic: /^ord/, ...(given === undefined ? {} : { fromBeginning: given }) })
          .then(() => consumer.run({ eachMessage: async ({ message }) => void found.push(String(message.value)) }))
      }, 5_000)
    })
    const { seen: all, history } = await rehearse({ nodes: { billing } }, async () => {
      found = []
      await twice(cluster)
      return [...found]
    })
    expect(all).toEqual(values)
    expect(history.notes.some(({ printed }) => printed?.hint?.includes('fromBeginning: true'))).toBe(given !== true)
  })

  test('several partitions are worked on at once, and each of them in order', async () => {
    const working = async (partitionsConsumedConcurrently: number): Promise<unknown> => {
      let now = 0
      return await seen(
        (see) => ({
          partitionsConsumedConcurrently,
          async eachMessage({ partition, message }) {
            see(`${partition} ${message.offset}: ${++now}`)
            await wait(10)
            now -= 1
          },
        }),
        async (cluster) => {
          const messages = [0, 1, 2, 0, 1, 2].map((partition) => ({ partition, value: 'a' }))
          await cluster.producer().send({ topic: 'orders', messages })
          await wait(5_000)
        },
        { partitions: 3 },
      )
    }
    expect(await working(1)).toEqual(['0 0: 1', '0 1: 1', '1 0: 1', '1 1: 1', '2 0: 1', '2 1: 1'])
    expect(await working(2)).toEqual(['0 0: 1', '1 0: 2', '0 1: 2', '1 1: 2', '2 0: 1', '2 1: 1'])
  })

  test.each<[words: string, use: (cluster: Cluster) => unknown]>([
    ['consumer.run() has no option "autocommit"', (cluster) => start(cluster, { autocommit: false } as object)],
    [
      'consumer.run(): partitionsConsumedConcurrently is 0',
      (cluster) => start(cluster, { partitionsConsumedConcurrently: 0, eachMessage: async () => undefined }),
    ],
    [
      'consumer.subscribe() has no option "fromBegining"',
      (cluster) => cluster.consumer({ groupId: 'g' }).subscribe({ topic: 'orders', fromBegining: true } as object),
    ],
    [
      'no topic is asked for (have orders)',
      (cluster) => cluster.consumer({ groupId: 'g' }).subscribe({ topics: [/^payments/] }),
    ],
    ['kafka.admin is not simulated', (cluster) => Reflect.get(cluster, 'admin') as unknown],
    ['consumer.on is not simulated', (cluster) => Reflect.get(cluster.consumer({ groupId: 'g' }), 'on') as unknown],
    ['producer.transaction is not', (cluster) => Reflect.get(cluster.producer(), 'transaction') as unknown],
  ])('%s', async (words, use) => {
    const cluster = kafkaCluster({ orders: 1 })
    await expect(
      rehearse({ nodes: { billing: worker(async () => void (await use(cluster))) } }, () => wait(100)),
    ).rejects.toThrow(words)
  })

  test('two members share the partitions, and each message comes to one of them', async () => {
    const values = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    const found = (await seen(
      (see) => ({ eachMessage: async (payload) => see(payload.message.value?.toString()) }),
      async (cluster) => {
        const producer = cluster.producer()
        for (const value of values) await producer.send({ topic: 'orders', messages: [{ key: value, value }] })
        await wait(20_000)
      },
      { instances: 2, partitions: 4 },
    )) as readonly string[]
    expect([...found].sort()).toEqual(values)
  })

  test('a topic that does not exist, and a consumer that is made too early, are told', async () => {
    const cluster = kafkaCluster({ orders: 1 })
    const nodes = { billing: worker(() => start(cluster, { eachMessage: async () => undefined }, 'order')) }
    await expect(rehearse({ nodes }, () => wait(100))).rejects.toThrow(
      'kafkaCluster(): there is no topic "order" (have "orders"). Did you mean "orders"?',
    )
    expect(() => cluster.consumer({ groupId: 'g' })).toThrow('make it where its process starts')
  })

  test.each([
    ['its topics are none', () => kafkaCluster({})],
    ['its topics are undefined', () => kafkaCluster(undefined as never)],
    ['the number of partitions of "a" is 0', () => kafkaCluster({ a: 0 })],
    ['groupId is undefined', () => kafkaCluster({ a: 1 }).consumer({} as never)],
    ['has no option "idempotant"', () => kafkaCluster({ a: 1 }).producer({ idempotant: true } as object)],
  ])('%s', (words, declare) => {
    expect(declare).toThrow(words)
  })
})

describe.each<[name: string, broken: System, sound: System]>([
  [
    'an entry for each message',
    booking(adds, { idempotent: true, entries: written }),
    booking(puts, { idempotent: true, entries: set }),
  ],
  ['a message that blocks its partition', blocked(throwsForOne), blocked(goesOn)],
])('%s', (name, broken, sound) => {
  test('the broken one is found', async () => {
    const assessment = await assess(broken, { seed: 1, shrink: false })
    expect(assessment.kind, formatAssessment(assessment, { test: name })).toBe('violated')
  })

  test('the sound one holds', { tags: ['full'], timeout: 300_000 }, async () => {
    const assessment = await assess(sound, { seed: 1, numRuns: amount(100) })
    expect(assessment.kind, formatAssessment(assessment, { test: name })).toBe('holds')
  })
})

test('a producer whose answer is lost writes twice, and an idempotent one once', async () => {
  const [plain, idempotent] = [
    await assess(logged(false), { seed: 1, shrink: false }),
    await assess(logged(true), { seed: 1, numRuns: amount(100) }),
  ]
  expect(formatAssessment(plain, { test: 'it' })).toContain('handled of id#0 happened twice')
  expect(idempotent.kind, formatAssessment(idempotent, { test: 'it' })).toBe('holds')
})
