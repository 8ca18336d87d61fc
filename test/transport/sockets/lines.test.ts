// What a story tells of requests over sockets: the line that made each, and that any other input fails the same.
import axios from 'axios'
import express from 'express'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { assess, atMostOnce, formatAssessment, journal, op, serve } from 'two-generals'

const charged = journal<{ order: string }>('charge')

function shop(): express.Express {
  const app = express()
  app.use(express.json())
  app.post('/orders', (request, response, next) => {
    const { order } = request.body as { order: string }
    const sent = axios.post('http://bank/charges', { order }, { timeout: 3_000 })
    sent.then(() => response.status(201).json({ order }), next)
  })
  app.use((_: unknown, __: unknown, response: express.Response, ___: unknown) => void response.status(502).end())
  return app
}

function bank(): express.Express {
  const app = express()
  app.use(express.json())
  app.post('/charges', (request, response) => {
    charged.add(request.body as { order: string })
    response.status(201).end()
  })
  return app
}

test('the line of each request, though axios made it; a short text is as good as a long one', async () => {
  const order = op(
    'order',
    fc.record({ order: fc.string({ minLength: 1 }) }),
    (input) => axios.post('http://shop/orders', input, { timeout: 8_000 }),
    { retries: 1 },
  )
  const found = await assess({
    nodes: { shop: serve(shop), bank: serve(bank) },
    operations: [order],
    tolerates: ['lose'],
    maxOperations: 2,
    invariants: [atMostOnce(charged.by(({ order: id }) => id))],
  })
  const story = formatAssessment(found, { test: 'x' })
  expect(story).toMatch(/POST \/charges ->\|\s+lines\.test\.ts:15/)
  expect(story).toMatch(/Inputs {6}order: any value/)
})
