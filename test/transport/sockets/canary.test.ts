// The conversation that says whether sockets can be simulated here: with each of the patches broken, as a new version
// of Node or of another patching package might break it, it says so; unbroken, it holds its peace.
import http, { Agent, ClientRequest, Server } from 'node:http'
import net from 'node:net'
import tls from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { noHang, type Scenario, type System } from 'two-generals'
import { open } from '../../../src/simulation.ts'
import { put, type Callable } from '../../../src/simulate/globals.ts'
import { conversation } from '../../../src/transport/sockets/canary.ts'

async function run(parts: Omit<System, 'invariants'>, scenario: Scenario): Promise<void> {
  const simulation = await open({ ...parts, invariants: [noHang()] })
  await simulation.run(scenario, { isCanary: true })
  await simulation.close()
}

const found = async (): Promise<string | undefined> =>
  (await conversation(run, 'http')) ?? (await conversation(run, 'https'))

const undo: (() => void)[] = []

afterEach(() => {
  for (const one of undo.splice(0)) one()
})

function breaks(owner: object, name: string, make: (native: Callable) => Callable | undefined): void {
  const native = Reflect.get(owner, name) as Callable
  put(owner, name, make(native))
  undo.push(() => put(owner, name, native))
}

const ways: Readonly<Record<string, () => void>> = {
  'servers no longer take what is emitted as a connection': () =>
    breaks(
      Server.prototype,
      'emit',
      (native) =>
        function (name, ...args) {
          return name === 'connection' ? false : native.call(this, name, ...args)
        },
    ),
  'sockets lose what is pushed': () =>
    breaks(
      net.Socket.prototype,
      'push',
      (native) =>
        function (bytes) {
          return native.call(this, bytes instanceof Buffer ? bytes.subarray(0, -1) : bytes)
        },
    ),
  'what reads the arguments of connect has gone': () => breaks(net, '_normalizeArgs', () => undefined),
  'agents no longer connect through createConnection': () =>
    breaks(Agent.prototype, 'createConnection', () => () => new net.Socket()),
  'an agent of another package answers each request': () =>
    breaks(
      ClientRequest.prototype,
      'onSocket',
      (native) =>
        function (...args) {
          ;(this as ClientRequest).path = '/mocked'
          return native.apply(this, args)
        },
    ),
  'tls.connect was put back': () => breaks(tls, 'connect', () => () => new net.Socket()),
}

describe('a patch that is broken is noticed', () => {
  test.each(Object.entries(ways))('%s', async (_, breakIt) => {
    breakIt()
    expect(await found()).toMatch(/^a request of node:https?/)
  })
})

test('unbroken, it finds nothing, and takes some milliseconds', async () => {
  await found()
  const before = process.cpuUsage()
  for (let count = 0; count < 10; count++) expect(await found()).toBeUndefined()
  const { user, system } = process.cpuUsage(before)
  console.info(`the canary takes ${((user + system) / 20_000).toFixed(1)} ms of CPU a conversation`)
  expect(http.globalAgent.sockets).toEqual({})
})
