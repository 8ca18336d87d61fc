// Every way to the simulated Redis: ioredis of both major versions, and node-redis, over a socket.
import { Redis } from 'ioredis'
import { Redis as Redis6 } from 'ioredis6'
import { createClient } from 'redis'
import { describe } from 'vitest'
import type { RemoteClient, RemoteContent, RemoteStoreSubject } from '../../src/conformance/remote-play.ts'
import { remoteStoreConformance } from '../../src/conformance/remote-store-conformance.ts'
import { redis } from '../../src/redis.ts'
import { amount } from '../full.ts'

type Connected = ReturnType<RemoteStoreSubject['connect']>

function contentOf(things: Readonly<Record<string, string>>): RemoteContent {
  return Object.fromEntries(
    Object.entries(things)
      .map(([key, value]) => [key, Number(value)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

function subjectOf(connect: () => Connected): RemoteStoreSubject {
  const store = redis({ seed: [['HSET', 'things', 'a', 1]] })
  return {
    store,
    transactions: 'one call',
    connect,
    // Between two simulations no server runs
    content: async () => contentOf((store.value('things') ?? { a: '1' }) as Readonly<Record<string, string>>),
    writes: 'HSET',
    refusedCode: 'WRONGTYPE',
  }
}

/** Redis gives its code as the first word of its errors. Clients say in words alone that they gave a command up. */
function coded(error: unknown): never {
  if (!(error instanceof Error)) throw new Error(`no error: ${String(error)}`)
  if (!('code' in error)) Object.assign(error, { code: /^[A-Z]{5,}(?= )/.exec(error.message)?.[0] ?? 'GIVEN_UP' })
  throw error
}

/** Its writes are sent as one transaction. */
async function batched(
  read: RemoteClient['read'],
  run: (client: RemoteClient) => Promise<void>,
  send: (writes: readonly (readonly [key: string, value: number])[]) => Promise<unknown>,
): Promise<unknown> {
  const writes: (readonly [string, number])[] = []
  await run({ read, write: async (key, value) => writes.push([key, value]) })
  return send(writes).catch(coded)
}

/** What was sent on a connection that broke is given up; by default it is sent again. */
const once = { host: 'cache.internal', maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false }

function viaIoredis(client: Redis | Redis6): Connected {
  client.on('error', () => undefined)
  const read = (): Promise<RemoteContent> => client.hgetall('things').then(contentOf, coded)
  return {
    read,
    write: (key, value) => client.hset('things', key, value).catch(coded),
    transaction: (run) =>
      batched(read, run, (writes) => {
        const transaction = client.multi()
        for (const [key, value] of writes) transaction.hset('things', key, value)
        return transaction.exec()
      }),
    refused: () => client.lpush('things', 'x').catch(coded),
  }
}

function viaNodeRedis(): Connected {
  const client = createClient({ url: 'redis://cache.internal', disableOfflineQueue: true })
  client.on('error', () => undefined)
  const connected = client.connect().catch(() => undefined) // it is told by `on`
  const read = async (): Promise<RemoteContent> => {
    await connected
    return client.hGetAll('things').then(contentOf, coded)
  }
  return {
    read,
    write: async (key, value) => {
      await connected
      return client.hSet('things', key, value).catch(coded)
    },
    transaction: (run) =>
      batched(read, run, async (writes) => {
        await connected
        const transaction = client.multi()
        for (const [key, value] of writes) transaction.hSet('things', key, value)
        return transaction.exec()
      }),
    refused: () => connected.then(() => client.lPush('things', 'x')).catch(coded),
  }
}

const repeats = amount(300)
remoteStoreConformance('Redis by ioredis', () => subjectOf(() => viaIoredis(new Redis(once))), repeats)
describe('the next version', { tags: ['full'] }, () => {
  remoteStoreConformance('Redis by ioredis 6', () => subjectOf(() => viaIoredis(new Redis6(once))), repeats)
})
remoteStoreConformance('Redis by node-redis', () => subjectOf(viaNodeRedis), repeats)
