// The system notices (PHENOMENA 39): the shop asks a bank, and answers 502 where that fails. In the broken shop nobody
// learns why: the catch swallows what happened, and a bank that hangs shows nowhere at all. The sound one names the
// bank in its log, and gives it a second. Silence is the bug.
import * as fc from 'fast-check'
import { noticed, op, serve, type FetchHandler, type System } from 'two-generals'

/** How the shop asks the bank; throws where it gets no good answer. */
type Ask = () => Promise<unknown>

const ask: Ask = async () => {
  const answer = await fetch('http://bank/charges', { method: 'POST' })
  if (!answer.ok) throw new Error(`answered ${answer.status}`)
  const charge: unknown = await answer.json()
  return charge
}

/** Whatever goes wrong, the customer hears of it, and nobody else. */
export const silent: FetchHandler = async () => {
  try {
    await ask()
    return new Response('paid')
  } catch {
    return new Response('try again later', { status: 502 })
  }
}

/** Whatever goes wrong, within a second the log says with whom. */
export const outspoken: FetchHandler = async () => {
  const limit = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('no answer within 1 s')), 1_000)
  })
  try {
    await Promise.race([ask(), limit])
    return new Response('paid')
  } catch (error) {
    console.error(`the bank failed: ${error instanceof Error ? error.message : String(error)}`)
    return new Response('try again later', { status: 502 })
  }
}

const pay = op('pay', fc.constant(null), () => fetch('http://shop/pay', { method: 'POST' }), { timeout: 5_000 })

/** A shop and its bank. */
export function paying(shop: FetchHandler): System {
  return {
    nodes: { shop: serve(() => shop), bank: serve(() => () => Response.json({ charged: true })) },
    operations: [pay],
    invariants: [noticed({ withinMs: 5_000, by: ['logs'] })],
  }
}
