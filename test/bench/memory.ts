// memory: how much the heap grows while `assess` explores many histories of a shop whose nodes crash, so that awaits and
// timers of all sorts are left behind, and so that whatever an exploration keeps of its histories shows. Once over
// fetch, once with axios and Express, whose agent keeps connections for the whole process, and once with each store and
// each queue.
import axios from 'axios'
import express, { type Express } from 'express'
import { assess, serve, type System } from '../../src/index.ts'
import { holds, type Invariant } from '../../src/verdict/verdict.ts'
import { queueSystems, storeSystems } from './kept-systems.ts'
import type { Effort, Result } from './result.ts'
import { shop, shopSystem, type Shop } from './throughput-direct.ts'

const histories = { quick: 5_000, full: 100_000 }
/** The most that the heap may grow, in MB. */
const limitMb = 10
/** Histories that nobody measures: the engine compiles, caches fill. */
const warmUps = 2_000
/** How often the heap is measured: even. */
const readings = 40

export async function* memory({ quick }: Effort): AsyncGenerator<Result, void> {
  const kept = Object.entries({ ...storeSystems, ...queueSystems })
  const systems: Readonly<Record<string, () => System | Promise<System>>> = {
    memory: overFetch,
    'memory/axios and Express': overSockets,
    ...Object.fromEntries(kept.map(([name, make]) => [`memory/${name}`, make])),
  }
  for (const [name, system] of Object.entries(systems)) {
    const grown = await grownMb(await system(), warmUps, quick ? histories.quick : histories.full)
    yield { name, value: grown, unit: 'MB', baseline: limitMb, ratio: grown / limitMb }
  }
}

/**
 * By how many MB the heap grows over so many histories of a system after so many others.
 *
 * What agents, parsers and weak references hold is up to 15 MB, now there and now not. It only adds, so the least of
 * many readings is what lives, and a leak raises the least of the second half.
 */
export async function grownMb(system: System, before: number, measured: number): Promise<number> {
  const heap = new HeapProbe(before, Math.floor(measured / readings))
  const { kind, explored } = await assess(crashing(system, heap.invariant), {
    numRuns: before + measured, // more than are measured, since single faults count too
    seed: 1,
    timeLimitMs: Infinity,
  })
  const first = Math.min(...heap.mb.slice(0, readings / 2))
  const second = Math.min(...heap.mb.slice(readings / 2, readings))
  if (kind !== 'holds' || heap.mb.length < readings) throw new Error(`Bug: the shop ${kind}`)
  if ((explored.fired.crash ?? 0) < measured / 100) throw new Error('Bug: hardly any node crashed')
  return 2 * (second - first) // from the middle of one half to that of the other is half of the way
}

function crashing(system: System, heap: Invariant): System {
  return { ...system, invariants: [...system.invariants, heap], tolerates: ['crash', 'lose', 'delay'] }
}

export function overFetch(): System {
  return shopSystem(shop((url, init) => fetch(url, init)))
}

/** The same shop behind Express; all requests are those of axios. */
export function overSockets(): System {
  const services = shop(async (url, { body }) => answered(await axios.post<string>(url, body, requests)))
  const system = shopSystem(services)
  return {
    ...system,
    nodes: { checkout: serve(() => app(services.checkout)), payments: serve(() => app(services.payments)) },
  }
}

const requests = {
  headers: { 'content-type': 'application/json' },
  responseType: 'text',
  transformResponse: (text: string) => text,
  timeout: 5_000,
} as const

function answered({ status, data }: { readonly status: number; readonly data: string }): Response {
  return new Response(data, { status })
}

function app(handle: Shop['checkout']): Express {
  return express()
    .use(express.text({ type: 'application/json' }))
    .post('/*path', async ({ path, body }, response) => {
      const answer = await handle(new Request(`http://shop${path}`, { method: 'POST', body: String(body) }))
      response
        .status(answer.status)
        .type('json')
        .send(await answer.text())
    })
}

/** An invariant that says nothing, and measures the heap at every so many histories. */
class HeapProbe {
  readonly mb: number[] = []
  readonly invariant: Invariant

  constructor(before: number, every: number) {
    let seen = 0
    this.invariant = {
      kind: 'invariant',
      name: 'heap',
      effects: [],
      check: () => {
        seen += 1
        if (seen > before && (seen - before) % every === 0) this.mb.push(heapMb())
        return holds
      },
    }
  }
}

/** Live objects alone: collected twice, since the first makes finalizers due. */
function heapMb(): number {
  if (globalThis.gc === undefined) throw new Error('memory needs node --expose-gc, as in `npm run bench -- memory`.')
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed / 2 ** 20
}
