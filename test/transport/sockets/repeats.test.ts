// Each client against Express and Fastify under drawn plans, crashes among them: 300 scenarios of each pair, each run
// twice, byte for byte alike.
// @module-tag full
import express from 'express'
import fastify from 'fastify'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { op, serve, sometimes, type NodeDefinition, type Plan, type System } from 'two-generals'
import { historyBytes } from '../../../src/history/history-bytes.ts'
import { faultKinds } from '../../../src/scenario/fault/registry.ts'
import { open, type Simulation } from '../../../src/simulation.ts'
import { express4 } from './express-4.ts'
import { httpClients } from './http-clients.ts'

function expressApp(version = express): express.Express {
  const app = version()
  app.use(version.json())
  app.post('/pay', (request, response) => void response.status(201).json({ paid: request.body as unknown }))
  return app
}

function fastifyApp(): ReturnType<typeof fastify> {
  const app = fastify()
  app.post('/pay', async (request, reply) => reply.code(201).send({ paid: request.body }))
  return app
}

const servers: Readonly<Record<string, () => NodeDefinition>> = {
  Express: () => serve(() => expressApp()),
  'Express 4': () => serve(() => expressApp(express4)),
  Fastify: () => serve(fastifyApp),
}

function systemOf(node: NodeDefinition, client: (url: string, body: object) => Promise<string>): System {
  const pay = op('pay', fc.constant({ order: 'a' }), (body) => client('http://shop/pay', body))
  return { nodes: { shop: node }, operations: [pay], invariants: [sometimes('ran', () => true)] }
}

/** A few faults of any kind. */
function drawn(seed: number): Plan {
  return { kind: 'drawn', seed, maxFaults: 5, rates: Object.fromEntries(faultKinds.map((kind) => [kind, 0.1])) }
}

async function bytesOf(simulation: Simulation, seed: number): Promise<string> {
  const input = { order: 'a' }
  const invocations = [0, 1].map((id) => ({ id, operation: 'pay', client: id, afterMs: id * 30, input }))
  const { history } = await simulation.run({ workload: { invocations }, plan: drawn(seed), seed })
  return historyBytes(history)
}

const repeats = 300

describe.each(Object.entries(servers))('%s', (_, node) => {
  test.each(Object.entries(httpClients))(
    `${repeats} of ${repeats} scenarios are alike under %s`,
    async (__, client) => {
      const simulation = await open(systemOf(node(), client))
      const first: string[] = []
      for (let seed = 0; seed < repeats; seed++) first.push(await bytesOf(simulation, seed))
      expect(first.some((bytes) => bytes.includes('"kind":"crash"'))).toBe(true)
      let alike = 0
      for (let seed = 0; seed < repeats; seed++) if ((await bytesOf(simulation, seed)) === first[seed]) alike += 1
      await simulation.close()
      expect(alike).toBe(repeats)
    },
  )
})
