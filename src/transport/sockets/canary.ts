// A conversation of a patched client with itself, once a worker, after the first history that used sockets: where Node,
// undici or msw have changed underneath, it does not come back as it was sent, and no verdict counts.
import { existsSync, readFileSync } from 'node:fs'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { createRequire } from 'node:module'
import { constant } from 'fast-check'
import { describeError } from '../../plain/describe-error.ts'
import { noFaults } from '../../scenario/plan.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import { SetupError } from '../../simulate/setup-error.ts'
import { op } from '../../system/operation.ts'
import type { System } from '../../system/system.ts'
import { serve } from '../serve.ts'
import { socketsUsed } from './connect-socket.ts'

/** Runs one history of a system that claims nothing. */
export type RunOnce = (system: Omit<System, 'invariants'>, scenario: Scenario) => Promise<unknown>

let wrong: Promise<string | undefined> | undefined

/** @throws SetupError where sockets were used in this worker, and do not work in it */
export async function assertSocketsWork(run: RunOnce): Promise<void> {
  if (!socketsUsed()) return
  const found = await (wrong ??= conversation(run))
  if (found !== undefined) throw new SetupError(refusal(found))
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

/** Two requests on one connection that is kept, and one over https. Undefined where they come back right. */
export async function conversation(run: RunOnce): Promise<string | undefined> {
  const heard: string[] = []
  const kept = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const speak = op('speak', constant(null), async () => {
    heard.push(await ask(http, 'http://echo/1', kept), await ask(http, 'http://echo/2', kept))
    heard.push(await ask(https, 'https://echo/3'))
  })
  const system = { nodes: { echo: serve(() => echo) }, operations: [speak] }
  const invocations = [{ id: 0, operation: 'speak', client: 0, afterMs: 0, input: null }]
  try {
    await run(system, { workload: { invocations }, plan: noFaults, seed: 1 })
  } catch (error) {
    return `a request of node:http to a server in its own memory failed: ${describeError(error)}`
  } finally {
    kept.destroy()
  }
  const expected = [1, 2, 3].map((number) => `201 POST /${number} ${said}`)
  const at = expected.findIndex((one, index) => heard[index] !== one)
  if (at < 0) return undefined
  const what = at === 2 ? 'https' : at === 1 ? 'http on a kept connection' : 'http'
  return (
    `a request of node:${what} to a server in its own memory was to be answered by "${expected[at] ?? ''}", and ` +
    `was answered by ${heard[at] === undefined ? 'nothing' : `"${heard[at]}"`}`
  )
}

function echo(request: IncomingMessage, response: ServerResponse): void {
  const answer = (body: string): void => {
    response.writeHead(201, { 'content-type': 'text/plain; charset=utf-8' })
    response.end(`${request.method} ${request.url} ${body}`)
  }
  void text(request).then(answer)
}

function ask({ request }: Pick<typeof http, 'request'>, url: string, agent?: http.Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers: { 'content-type': 'text/plain; charset=utf-8' } }
    const sent = request(url, agent === undefined ? options : { ...options, agent }, (answer) => {
      text(answer).then((body) => resolve(`${answer.statusCode} ${body}`), reject)
    })
    sent.on('error', (error) => resolve(describeError(error)))
    sent.end(said)
  })
}
