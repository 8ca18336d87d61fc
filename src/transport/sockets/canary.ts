// A conversation of a patched client with itself, once a worker, after the first history that used sockets, and
// another after the first that used those of TLS: where Node, undici or msw have changed underneath, it does not come
// back as it was sent, and no verdict counts.
import { existsSync, readFileSync } from 'node:fs'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import path from 'node:path'
import { createRequire } from 'node:module'
import { constant } from 'fast-check'
import { describeError } from '../../plain/describe-error.ts'
import { noFaults } from '../../scenario/plan.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import { SetupError } from '../../simulate/setup-error.ts'
import { op } from '../../system/operation.ts'
import type { System } from '../../system/system.ts'
import { serve } from '../serve.ts'
import { schemesUsed, type SocketScheme } from './connect-socket.ts'

/** Runs one history of a system that claims nothing. */
export type RunOnce = (system: Omit<System, 'invariants'>, scenario: Scenario) => Promise<unknown>

const wrong = new Map<SocketScheme, Promise<string | undefined>>()

/** @throws SetupError where sockets were used in this worker, and do not work in it */
export async function assertSocketsWork(run: RunOnce): Promise<void> {
  for (const scheme of schemesUsed) {
    const asked = wrong.get(scheme) ?? conversation(run, scheme)
    wrong.set(scheme, asked)
    const found = await asked
    if (found !== undefined) throw new SetupError(refusal(found))
  }
}

function refusal(found: string): string {
  const { node, undici = 'none' } = process.versions
  return (
    `Sockets cannot be simulated with Node ${node} (undici ${undici}, msw ${mswVersion() ?? 'none'}): ${found}. ` +
    'Nothing that was seen over sockets counts. Use versions with which two-generals was tested (Node 22 and 26, msw ' +
    '2.13 and 3), or have the code call fetch.'
  )
}

/** What is installed where the tests run. */
function mswVersion(): string | undefined {
  const folders = createRequire(path.join(process.cwd(), 'package.json')).resolve.paths('msw') ?? []
  const file = folders.map((folder) => path.join(folder, 'msw/package.json')).find((one) => existsSync(one))
  // As npm writes it
  return file === undefined ? undefined : (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

const said = 'Is anybody there? ✓'

/** Two requests on one connection that is kept. Undefined where they come back right. */
export async function conversation(run: RunOnce, scheme: SocketScheme): Promise<string | undefined> {
  const heard: string[] = []
  const { Agent, request } = scheme === 'http' ? http : https
  const kept = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = (method: string, place: string, body?: string): Promise<string> =>
    new Promise((resolve) => {
      const sent = request(`${scheme}://echo/${place}`, { method, agent: kept }, (answer) => {
        hear(answer, (given) => resolve(`${answer.statusCode} ${given}`))
      })
      sent.on('error', (error) => resolve(describeError(error)))
      sent.end(body)
    })
  const speak = op('speak', constant(null), async () => {
    heard.push(await ask('POST', '1', said), await ask('GET', '2'))
  })
  const system = { nodes: { echo: serve(() => echo) }, operations: [speak] }
  const invocations = [{ id: 0, operation: 'speak', client: 0, afterMs: 0, input: null }]
  try {
    await run(system, { workload: { invocations }, plan: noFaults, seed: 1 })
  } catch (error) {
    return `a request of node:${scheme} to a server in its own memory failed: ${describeError(error)}`
  } finally {
    kept.destroy()
  }
  const expected = [`201 POST /1 ${said}`, `201 GET /2 ${said}`]
  const at = expected.findIndex((one, index) => heard[index] !== one)
  if (at < 0) return undefined
  return (
    `a request of node:${scheme}${at === 1 ? ' on a kept connection' : ''} to a server in its own memory was to be ` +
    `answered by "${expected[at] ?? ''}", and was answered by ${heard[at] === undefined ? 'nothing' : `"${heard[at]}"`}`
  )
}

function echo(request: IncomingMessage, response: ServerResponse): void {
  hear(request, (body) => response.writeHead(201).end(`${request.method} ${request.url} ${body === '' ? said : body}`))
}

/** By events, which cost the least where nothing has been compiled yet. */
function hear(message: IncomingMessage, whole: (body: string) => void): void {
  let body = ''
  message.on('data', (piece: Buffer) => (body += piece.toString()))
  message.on('end', () => whole(body))
}
