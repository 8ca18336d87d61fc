// A function that is frozen (AWS Lambda): once a container has answered, it stands still until its next request. The
// broken handler answers first and sends the receipt meanwhile; without another request there is no meanwhile. The
// sound one sends it before it answers.
import * as fc from 'fast-check'
import { atLeastOnce, journal, op, serve, type System } from 'two-generals'
import { lambda } from 'two-generals/lambda'

/** What a function URL passes on, as far as it is read here. */
interface UrlEvent {
  readonly rawPath: string
}
type Handler = (event: UrlEvent) => Promise<{ readonly statusCode: number }>

const receipts = journal<{ order: string }>('receipt')

async function sendReceipt(path: string): Promise<void> {
  const answer = await fetch('http://mail/receipts', { method: 'PUT', body: path })
  if (!answer.ok) throw new Error(`the mail service answered ${answer.status}`)
  receipts.add({ order: path.slice('/orders/'.length) })
}

/** Nobody has to wait for the mail. */
export const answersFirst: Handler = async ({ rawPath }) => {
  void sendReceipt(rawPath).catch(() => undefined)
  return { statusCode: 202 }
}

/** What is not sent is not answered: the customer asks again. */
export const sendsFirst: Handler = async ({ rawPath }) => {
  await sendReceipt(rawPath)
  return { statusCode: 202 }
}

const buy = op('buy', fc.uuid(), (order) => fetch(`http://shop/orders/${order}`, { method: 'PUT' }), { retries: 2 })

/** A shop in a function, and a mail service. Whoever has bought gets a receipt. */
export function buyingFrom(handler: Handler): System {
  return {
    nodes: { shop: lambda(() => handler), mail: serve(() => () => new Response()) },
    operations: [buy],
    invariants: [
      atLeastOnce(
        buy.by((order) => order),
        receipts.by(({ order }) => order),
      ),
    ],
  }
}
