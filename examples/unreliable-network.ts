// The network is reliable (PHENOMENA 28): a shop on Express reserves with axios. In the broken shop every error means
// that nothing was done, as a refused connection or a name that is not found does mean. A lost reply, or a connection
// that is reset after the work, does not: the customer is told no, and the item stays reserved. The sound shop says no
// only where nothing was sent, and else that it does not know.
import axios, { isAxiosError } from 'axios'
import express, { type Express } from 'express'
import * as fc from 'fast-check'
import { journal, noPhantom, op, serve, type System } from 'two-generals'

const reserved = journal<string>('reserved')

/** Whether an error says that nothing was done. */
type IsNo = (error: unknown) => boolean

/** Whatever failed was not done. */
export const anyError: IsNo = () => true

const neverSent: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])

/** Nothing was sent: nobody took the connection, or nobody has that name. */
export const nothingSent: IsNo = (error) => isAxiosError(error) && neverSent.has(error.code)

function createShop(isNo: IsNo): Express {
  const reserve = async (id: string): Promise<number> => {
    try {
      await axios.post(`http://stock/reservations/${id}`, null, { timeout: 1_000 })
      return 201
    } catch (error) {
      return isNo(error) ? 409 : 503
    }
  }
  return express().post('/orders/:id', (request, response) => {
    void reserve(request.params.id).then((status) => response.status(status).end())
  })
}

function createStock(): Express {
  return express().post('/reservations/:id', (request, response) => {
    reserved.add(request.params.id)
    response.status(201).end()
  })
}

const buy = op('buy', fc.uuid(), (id) => fetch(`http://shop/orders/${id}`, { method: 'POST' }), { timeout: 5_000 })

/** A shop and its stock. */
export function reserving(isNo: IsNo): System {
  return {
    nodes: { shop: serve(() => createShop(isNo)), stock: serve(() => createStock()) },
    operations: [buy],
    invariants: [
      noPhantom(
        buy.by((id) => id),
        reserved.by((id) => id),
      ),
    ],
  }
}
