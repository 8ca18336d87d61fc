// Handlers that never give way, each in a way of its own, and some that are only slow. Run by stuck.test.ts in
// processes of their own.
import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { atMostOnce, noHang, op, rows, serve, type System } from '../../../src/index.ts'

/** One a line, which is what the message must name. */
// prettier-ignore
export const loops: Readonly<Record<string, () => unknown>> = {
  statements: () => { for (let n = 0; ; n++) Math.sqrt(n) },
  microtasks: async () => { for (;;) await Promise.resolve() },
  promises: function again(): unknown { return Promise.resolve().then(again) },
  ticks: () => new Promise(() => { process.nextTick(function again() { process.nextTick(again) }) }),
  expression: () => /^(a+)+$/.test(`${'a'.repeat(60)}b`),
  wait: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
}

let calls = 0

/** What takes longer than the limit only in sum, or waits without keeping the event loop: no loop. */
export const slow: Readonly<Record<string, () => unknown>> = {
  slowly: () => {
    if (calls++ < 5) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
  },
  patiently: () => undefined,
}

const asleep = rows('nothing', async () => {
  // Real, since rows are read outside the simulation: the limit, and as long again to be blamed.
  if (calls++ === 0)
    await new Promise((resolve) => {
      setTimeout(resolve, 3_000)
    })
  return []
})

/** Where a loop stands, as the message says it. */
export function lineOf(does: string): string {
  const line =
    readFileSync(import.meta.filename, 'utf8')
      .split('\n')
      .findIndex((text) => text.startsWith(`  ${does}: `)) + 1
  return `loops.ts:${line}`
}

/** A shop whose handler does what is named. */
export function shopThat(does: string): System {
  const loop = loops[does] ?? slow[does]
  if (loop === undefined) throw new Error(`Nothing is called "${does}".`)
  return {
    nodes: {
      shop: serve(() => async () => {
        await loop()
        return Response.json({})
      }),
    },
    operations: [op('pay', fc.constant(null), () => fetch('http://shop/pay', { method: 'POST' }))],
    invariants: [noHang(), ...(does === 'patiently' ? [atMostOnce(asleep.by(String))] : [])],
  }
}
