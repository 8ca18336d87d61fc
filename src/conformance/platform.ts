// The platform: scenes over node:http on 127.0.0.1, outside of any simulation.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll } from 'vitest'
import type { Scene, SceneHandler, SceneStage } from './scene.ts'

/** Scenes over sockets. */
export function platformStage(): SceneStage {
  const servers: Server[] = []
  let scene: Scene | undefined
  const handle =
    (name: 'shop' | 'bank'): SceneHandler =>
    (request) => {
      if (scene === undefined) throw new Error('no scene is on')
      return scene[name](request)
    }
  beforeAll(async () => {
    for (const name of ['shop', 'bank'] as const) {
      const server = createServer((incoming, outgoing) => void serveReal(handle(name), incoming, outgoing))
      await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve)
      })
      servers.push(server)
    }
  })
  afterAll(() => {
    for (const server of servers) {
      server.closeAllConnections()
      server.close()
    }
  })
  return async (next) => {
    scene = next
    // Listening on a port
    const [shop = '', bank = ''] = servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    return renamed(await next.client({ shop, bank }), { [shop]: 'http://shop', [bank]: 'http://bank' })
  }
}

/** Plain data with other origins in it. */
function renamed(value: unknown, names: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string')
    return Object.entries(names).reduce((text, [from, to]) => text.replaceAll(from, to), value)
  if (Array.isArray(value)) return value.map((item) => renamed(item, names))
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renamed(item, names)]))
}

async function serveReal(handler: SceneHandler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const chunks: Uint8Array[] = []
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array) // no encoding is set
  const { method = 'GET', url = '/', headers } = incoming
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  )
  const body =
    method === 'GET' || method === 'HEAD' || (chunks.length === 0 && headers['content-type'] === undefined)
      ? null
      : Buffer.concat(chunks)
  try {
    const response = await handler(new Request(`http://${headers.host ?? ''}${url}`, { method, headers: pairs, body }))
    outgoing.writeHead(response.status, response.statusText, [...response.headers].flat())
    outgoing.flushHeaders()
    for await (const chunk of response.body ?? []) outgoing.write(chunk)
    outgoing.end()
  } catch {
    if (outgoing.headersSent) outgoing.destroy()
    else outgoing.writeHead(500).end()
  }
}
