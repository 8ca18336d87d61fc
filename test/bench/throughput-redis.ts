// throughput-redis: commands of ioredis over the virtual sockets of a simulation, beside the same commands of the same
// client on a real Redis on this machine's own address. Both sides connect anew and start from nothing. What counts is
// CPU time, that of the real server included. Where there is no redis-server, nothing is measured, and it says so.
import { createServer, type AddressInfo } from 'node:net'
import * as fc from 'fast-check'
import { Redis } from 'ioredis'
import { noFaults, noHang, op, serve } from '../../src/index.ts'
import { redis } from '../../src/redis.ts'
import { open } from '../../src/simulation.ts'
import { startRedis, whyNoRedis } from '../store/redis-agreement/real-redis.ts'
import { alternateSlices, cpuMs, slice } from './alternate.ts'
import type { Effort, Result } from './result.ts'

const pairs = { quick: 25, full: 100 }
const rounds = 25
/** In each round. */
const commands = 4

export async function* throughputRedis({ quick }: Effort): AsyncGenerator<Result, void> {
  const missing = whyNoRedis()
  if (missing !== undefined) {
    console.error(`throughput-redis: ${missing}`)
    return
  }
  const server = await startRedis(await freePort())
  const workload = { invocations: [{ id: 0, operation: 'work', client: 0, afterMs: 0, input: null }] }
  const simulation = await open({
    nodes: {
      shop: serve(() => async () => {
        await work(new Redis({ host: 'cache' }))
        return new Response('done')
      }),
    },
    stores: [redis()],
    operations: [op('work', fc.constant(null), () => fetch('http://shop/', { method: 'POST' }))],
    invariants: [noHang()],
  })
  try {
    const simulated = async (): Promise<void> => {
      const { history } = await simulation.run({ workload, plan: noFaults, seed: 1 })
      if (!history.events.some(({ kind }) => kind === 'ok')) throw new Error('Bug: the work was not done')
    }
    const { ours, baseline, ...ratios } = await alternateSlices(
      () => slice(simulated, cpuMs),
      () =>
        slice(
          () => work(new Redis({ port: server.port ?? 0 })),
          () => cpuMs() + server.cpuMs(),
        ),
      { pairs: quick ? pairs.quick : pairs.full },
    )
    const each = rounds * commands
    yield {
      name: 'throughput-redis',
      value: ours * each,
      unit: 'commands/s of CPU',
      baseline: baseline * each,
      ...ratios,
    }
  } finally {
    await simulation.close()
    await server.stop()
  }
}

/** What shops ask of Redis. */
async function work(client: Redis): Promise<void> {
  await client.flushall()
  for (let n = 0; n < rounds; n++) {
    await client.set('lock', n, 'PX', 30_000, 'NX')
    await client.incr('count')
    await client.hset('order', String(n), 'paid')
    await client.del('lock')
  }
  if ((await client.get('count')) !== String(rounds)) throw new Error('Bug: another count')
  client.disconnect()
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // of a server that listens on a port
  await new Promise((resolve) => server.close(resolve))
  return port
}
