// A degraded answer says so (PHENOMENA 40): a shop asks for prices, and where nobody answers it shows the last ones
// that it knows. Silently, its customers take an old price for today's; for ever, they see last week's. The sound twin
// marks what is old, and gives up after a minute. Koa and axios.
import axios from 'axios'
import * as fc from 'fast-check'
import Koa from 'koa'
import { op, serve, type System } from 'two-generals'
import { degraded } from 'two-generals/tolerance'

interface Prices {
  readonly tea: number
}

/** How old prices may be, in milliseconds. */
const oldestMs = 60_000

/** Answers without prices; undefined: it cannot. */
type Otherwise = (last: Prices, ageMs: number) => object | undefined

/** As if nothing had happened. */
export const silently: Otherwise = (last) => last

/** Marked, however old. */
export const forEver: Otherwise = (last) => ({ ...last, stale: true })

/** Marked, and for a minute. */
export const forAMinute: Otherwise = (last, ageMs) => (ageMs <= oldestMs ? { ...last, stale: true } : undefined)

function shop(otherwise: Otherwise): Koa {
  let last: { readonly prices: Prices; readonly atMs: number } | undefined
  return new Koa().use(async (context) => {
    try {
      const { data } = await axios.get<Prices>('http://prices/', { signal: AbortSignal.timeout(2_000) })
      last = { prices: data, atMs: performance.now() }
      context.body = data
    } catch {
      context.body = last === undefined ? undefined : otherwise(last.prices, performance.now() - last.atMs)
      if (context.body === undefined) context.status = 503
    }
  })
}

const look = op('look', fc.constant('tea'), () => fetch('http://shop/'), { timeout: 5_000 })
const marked = (answer: unknown): boolean =>
  String((answer as { readonly body: unknown }).body).includes('"stale":true')

/** Old prices are marked, and no older than a minute, whatever the shop does without new ones. */
export function showing(otherwise: Otherwise): System {
  return {
    nodes: { shop: serve(() => shop(otherwise)), prices: serve(() => () => Response.json({ tea: 350 })) },
    operations: [look],
    invariants: [degraded(look, { without: 'prices', marked, maxAgeMs: oldestMs })],
    tolerates: { 'shop -> prices': ['lose', 'delay', 'error', 'hang', 'partition', 'reset'] },
  }
}
