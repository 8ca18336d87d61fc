// What URLs lead to, over fetch and over sockets: origins, names at any port, ports of this machine, and nobody.
import nodeHttp, { type RequestListener } from 'node:http'
import axios from 'axios'
import { HttpResponse, http } from 'msw'
import { describe, expect, test } from 'vitest'
import { serve, type NodeDefinition, type Outside } from 'two-generals'
import { play, rehearse } from '../../src/conformance/rehearse.ts'

const says =
  (text: string): RequestListener =>
  (_, response) =>
    void response.end(text)

/** Listens in its boot. */
const onPorts = (...ports: readonly [port: number, text: string][]): NodeDefinition =>
  serve(() => {
    for (const [port, text] of ports) nodeHttp.createServer(says(text)).listen(port)
  })

const clients: readonly (readonly [string, (url: string) => Promise<string>])[] = [
  ['fetch', async (url) => (await fetch(url)).text()],
  ['axios', async (url) => (await axios.get<string>(url, { responseType: 'text' })).data],
]

describe.each(clients)('%s', (_, client) => {
  const answers = async (
    nodes: Readonly<Record<string, NodeDefinition>>,
    urls: readonly string[],
    outside?: Outside,
  ): Promise<unknown> => {
    const asked = async (): Promise<readonly string[]> => {
      const seen: string[] = []
      for (const url of urls) seen.push(await client(url))
      return seen
    }
    return (await rehearse({ nodes, ...(outside === undefined ? {} : { outside }) }, asked)).seen
  }

  test('a port on this machine leads to the node that listens on it', async () => {
    const nodes = { shop: onPorts([3000, 'shop'], [3001, 'admin']), bank: onPorts([4000, 'bank']) }
    const urls = [
      'http://localhost:3000/',
      'http://127.0.0.1:3000/',
      'http://[::1]:3000/',
      'http://0.0.0.0:4000/',
      'http://localhost:3001/',
    ]
    expect(await answers(nodes, urls)).toEqual(['shop', 'shop', 'shop', 'bank', 'admin'])
  })

  test('a node that is said to be at localhost is at 127.0.0.1 too', async () => {
    const nodes = { shop: serve(() => says('shop'), { at: 'http://localhost:8080' }) }
    expect(await answers(nodes, ['http://localhost:8080', 'http://127.0.0.1:8080'])).toEqual(['shop', 'shop'])
  })

  test('a name leads to its node at any port and scheme; a port on which it listens leads to that server', async () => {
    const nodes = { shop: onPorts([3000, 'shop'], [3001, 'admin']), Bank: serve(() => says('bank')) }
    const urls = ['http://shop', 'https://shop', 'http://shop:3001', 'http://shop:9', 'https://bank:8443/a']
    expect(await answers(nodes, urls)).toEqual(['shop', 'shop', 'admin', 'shop', 'bank'])
  })

  test('a node is found by its name, and by the host of its `at` at another port', async () => {
    const nodes = { bank: serve(() => says('bank'), { at: 'https://bank.internal' }) }
    expect(await answers(nodes, ['http://bank', 'http://bank.internal:8080'])).toEqual(['bank', 'bank'])
  })

  test('two nodes at one host are told apart by the port, and no other port leads to one of them', async () => {
    const nodes = {
      a: serve(() => says('a'), { at: 'http://host.internal:1000' }),
      b: serve(() => says('b'), { at: 'http://host.internal:2000' }),
    }
    expect(await answers(nodes, ['http://host.internal:1000', 'http://host.internal:2000'])).toEqual(['a', 'b'])
    await expect(play({ nodes }, () => client('http://host.internal:3000'))).rejects.toThrow('nobody answers there')
  })

  test('a stub that names the origin comes before a name', async () => {
    const outside = [http.get('https://api.internal/', () => HttpResponse.text('stub'))]
    const nodes = { shop: serve(() => says('shop'), { at: 'http://api.internal' }) }
    expect(await answers(nodes, ['http://api.internal/', 'https://api.internal/'], outside)).toEqual(['shop', 'stub'])
  })

  test('a node that calls its own port on localhost calls itself', async () => {
    const calling = (name: string): NodeDefinition =>
      serve(() => {
        const own: RequestListener = (request, response) => {
          if (request.url === '/own') response.end(name)
          else void client('http://localhost:3000/own').then((text) => response.end(text))
        }
        nodeHttp.createServer(own).listen(3000)
      })
    const nodes = { shop: calling('shop'), bank: calling('bank') }
    expect(await answers(nodes, ['http://shop/', 'http://bank/'])).toEqual(['shop', 'bank'])
  })

  test('two nodes on one port: whoever else calls it on localhost is told of both', async () => {
    const nodes = { shop: onPorts([3000, 'shop']), bank: onPorts([3000, 'bank']) }
    await expect(play({ nodes }, () => client('http://localhost:3000/'))).rejects.toThrow(
      'http://localhost:3000 leads to "shop" and "bank": each listens on that port, as on a machine of its own. Call ' +
        'it by its name, as in http://shop, or give each a port of its own.',
    )
  })

  test('two servers of one process on one port: the second fails, as on a real machine', async () => {
    let code: unknown
    const twice = serve(() => {
      nodeHttp.createServer(says('first')).listen(3000)
      nodeHttp
        .createServer(says('second'))
        .listen(3000)
        .on('error', (error: NodeJS.ErrnoException) => (code = error.code))
    })
    expect(await answers({ shop: twice }, ['http://localhost:3000'])).toEqual(['first'])
    expect(code).toBe('EADDRINUSE')
  })

  test.each<[string, string, Outside | undefined]>([
    ['http://paiments/pay', 'Did you mean http://payments?', undefined],
    ['http://paiments/pay', 'Did you mean http://payments?', []],
    ['http://localhost:3001/', 'On this machine listen: payments on 3000.', undefined],
    ['http://somewhere.else.entirely/', 'The nodes are http://payments. Name the node', undefined],
  ])('%s, which nobody answers: %s', async (url, words, outside) => {
    const nodes = { payments: onPorts([3000, 'paid']) }
    const asked = play({ nodes, ...(outside === undefined ? {} : { outside }) }, () => client(url))
    await expect(asked).rejects.toThrow(words)
  })
})
