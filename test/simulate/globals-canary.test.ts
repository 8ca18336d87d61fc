// A worker in which sockets cannot be simulated: whoever uses them is told, and whoever does not is not.
import http, { Server } from 'node:http'
import { expect, test } from 'vitest'
import { serve } from '../../src/index.ts'
import { play } from '../../src/conformance/rehearse.ts'

const nodes = { shop: serve(() => () => new Response('good')) }

test('no verdict counts where sockets are used and do not work', async () => {
  const emit = Reflect.get(Server.prototype, 'emit') as (...args: unknown[]) => unknown
  Server.prototype.emit = function (name: string, ...args: unknown[]) {
    return name !== 'connection' && emit.call(this, name, ...args) === true
  }
  const refusal =
    `Sockets cannot be simulated with Node ${process.versions.node} (undici ${process.versions['undici']}, msw 3.0.5): ` +
    'a request of node:http to a server in its own memory was to be answered by "201 POST /1 Is anybody there? ✓", ' +
    'and was answered by '
  const overHttp = (): Promise<unknown> =>
    new Promise((resolve, reject) => http.get('http://shop', resolve).on('error', reject))

  expect((await play({ nodes }, async () => (await fetch('http://shop')).text())).seen).toBe('good')
  await expect(play({ nodes }, overHttp)).rejects.toThrow(refusal)
  await expect(play({ nodes }, overHttp)).rejects.toThrow(refusal)
})
