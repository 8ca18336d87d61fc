// Real asynchronous work: what is waited for, what is refused, and what is reported as an escape.
import { generateKeyPairSync, scrypt, scryptSync, sign } from 'node:crypto'
import { execSync } from 'node:child_process'
import { lookup, promises as dns } from 'node:dns'
import fs, { createReadStream, readFile } from 'node:fs'
import { readFile as promisedReadFile, open } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gunzipSync, gzip, gzipSync } from 'node:zlib'
import { http as msw, HttpResponse } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, expect, test } from 'vitest'
import { current, outsideContext, within } from '../../src/simulate/context.ts'

// Taken before the patching, as a module that is imported earlier would.
const capturedSetTimeout = setTimeout
const capturedScrypt = scrypt
const capturedGzipSync = gzipSync

const { install, watchEscapes } = await import('../../src/simulate/globals.ts')
const { FakeHost, simulated, turnOver } = await import('./globals.host.ts')
install()
const stopWatching = watchEscapes()
afterAll(stopWatching)

const here = fileURLToPath(import.meta.url)
/** How this file begins. */
const beginning = '// Real asynchronous work'
const file = 'test/simulate/globals-work.test.ts'

/** The line of the caller, counted from it. */
function line(offset = 0): string {
  const found = /globals-work\.test\.ts:(\d+)/.exec((new Error('here').stack ?? '').split('\n')[2] ?? '')
  return `${file}:${Number(found?.[1]) + offset}`
}

test('real work is released in the order it was started, one a step, and is no escape', async () => {
  const order: string[] = []
  const host = new FakeHost()
  const context = host.context()

  within(context, () => {
    const note = (name: string) => () => void order.push(`${name} ${String(current() === context)}`)
    void crypto.subtle.digest('SHA-256', new Uint8Array(5_000_000)).then(note('digest'))
    readFile(here, note('readFile'))
    gzip('x'.repeat(1000), note('gzip'))
    scrypt('password', 'salt', 16, note('scrypt'))
    void promisedReadFile(here, 'utf8').then(note('promised readFile'))
    fs.access('/nowhere', note('access'))
    void promisify(gzip)('x').then(note('promisified'))
  })
  await host.run()

  expect(order).toEqual(
    ['digest', 'readFile', 'gzip', 'scrypt', 'promised readFile', 'access', 'promisified'].map(
      (name) => `${name} true`,
    ),
  )
  expect(host.log.slice(0, 4)).toEqual([
    'start crypto.subtle.digest',
    'start fs.readFile',
    'start zlib.gzip',
    'start crypto.scrypt',
  ])
  expect(host.escapes).toEqual([])
})

test('real work gives what it gives natively, errors included', async () => {
  await simulated(async () => {
    expect(gunzipSync(await promisify(gzip)('text')).toString()).toBe('text')
    expect(await promisedReadFile(here, 'utf8')).toContain('real work gives')
    await expect(promisedReadFile('/nowhere')).rejects.toThrow(expect.objectContaining({ code: 'ENOENT' }))
    await expect(promisify(readFile)('/nowhere')).rejects.toThrow(expect.objectContaining({ code: 'ENOENT' }))
    expect(() => readFile(here, 'utf8', undefined as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    )
    const { bytesRead, buffer } = await promisify(fs.read)(fs.openSync(here, 'r'), Buffer.alloc(9), 0, 9, 0)
    expect([bytesRead, buffer.toString()]).toEqual([9, beginning.slice(0, 9)])
    expect(await promisify(fs.exists)(here)).toBe(true)
    expect(await new Blob(['blob']).text()).toBe('blob')
  })
})

test('file handles and file streams are waited for', async () => {
  await simulated(async (host) => {
    const handle = await open(here)
    expect((await handle.read(Buffer.alloc(7), 0, 7, 0)).buffer.toString()).toBe(beginning.slice(0, 7))
    await handle.close()
    expect(host.log).toEqual(
      ['open', 'read', 'close'].flatMap((name) => {
        const what = name === 'open' ? 'fs.promises.open' : `filehandle.${name}`
        return [`start ${what}`, `release ${what} on shop`]
      }),
    )
    let text = ''
    for await (const chunk of createReadStream(here, { encoding: 'utf8', highWaterMark: 512 })) text += String(chunk)
    expect(text).toBe(fs.readFileSync(here, 'utf8'))
    expect(host.escapes).toEqual([])
    expect(host.log).toContain('release fs.read on shop')
  })
})

test('a dead life starts no real work', async () => {
  const host = new FakeHost()
  const context = host.context()

  context.life.dead = true
  const called: string[] = []

  within(context, () => {
    fs.writeFile('/tmp/two-generals-dead', 'x', () => called.push('written'))
    void promisedReadFile(here).then(() => called.push('read'))
  })
  await host.run()

  expect([called, fs.existsSync('/tmp/two-generals-dead'), host.log]).toEqual([[], false, []])
})

test('what is synchronous, in memory or only about signals is no escape', async () => {
  await simulated(async (host) => {
    gzipSync('x')
    capturedGzipSync('x')
    scryptSync('x', 'y', 8)
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    sign('sha256', Buffer.from('x'), privateKey)
    const form = new FormData()
    form.set('file', new Blob(['content']), 'a.txt')
    const request = new Request('http://shop/', { method: 'POST', body: form })
    await request.clone().formData()
    expect(host.touched).toBeGreaterThan(0)
    await dns.lookup('127.0.0.1')
    const onSignal = (): void => undefined
    process.on('SIGUSR2', onSignal).off('SIGUSR2', onSignal)
    setTimeout(() => undefined, 5)
    expect(host.escapes).toEqual([])
  })
})

test('a connection is an escape that names the line which asked for it', async () => {
  const server = net.createServer().listen(0)
  const { port } = server.address() as net.AddressInfo
  const host = new FakeHost()
  const socket = within(host.context(), () => net.connect(port, '127.0.0.1'))
  const at = line(-1)

  await new Promise((resolve) => socket.on('connect', resolve))
  socket.destroy()
  server.close()

  expect(host.escapes).toEqual([
    { what: expect.stringMatching(/^connect of node:net \(only HTTP\/1\.1 is simulated over sockets/), at },
  ])
})

test('calls that msw answers are no escape, though sockets are made for them', async () => {
  const server = setupServer(msw.all('*', () => HttpResponse.json('stub')))

  server.listen()
  const host = new FakeHost()
  const answers = within(host.context(), () =>
    Promise.all([
      new Promise((resolve, reject) => {
        https
          .get('https://api.test/', (response) => response.resume().on('end', () => resolve(response.statusCode)))
          .on('error', reject)
      }),
      fetch('https://api.test/').then(async (response) => response.json()),
    ]),
  )
  const driven = (async () => {
    for (let i = 0; i < 1000; i++) await host.run()
  })()

  expect(await answers).toEqual([200, 'stub'])

  await driven
  server.close()

  expect(host.escapes).toEqual([])
})

test('name lookup, listening, native fetch and http are escapes', async () => {
  const host = new FakeHost()
  const found: string[] = []
  const closing: (() => void)[] = []

  within(host.context(), () => {
    lookup('localhost', () => undefined)
    found.push(line(-1))
    void dns.lookup('localhost')
    found.push(line(-1))
    const server = net.createServer().listen(0)
    found.push(line(-1))
    closing.push(() => server.close())
    http.get('http://127.0.0.1:1/').on('error', () => undefined)
    found.push(line(-1))
  })
  await turnOver()
  for (const close of closing) close()
  const escapes = host.escapes.map(({ what, at }) => `${what.replace(/ \(.*/, '')} ${at}`)

  expect(escapes).toEqual(
    expect.arrayContaining([
      `dns.lookup ${found[0]}`,
      `dns.promises.lookup ${found[1]}`,
      `a server of node:net that listens ${found[2]}`,
      `request of node:http ${found[3]}`,
    ]),
  )
})

test('functions that were taken from their module before the patching are escapes', () => {
  const host = new FakeHost()

  within(host.context(), () => {
    clearTimeout(capturedSetTimeout(() => undefined, 1))
    capturedScrypt('x', 'y', 8, () => undefined)
  })

  expect(host.escapes).toEqual([
    { what: expect.stringMatching(/^Timeout .*taken from its module/), at: line(-5) },
    { what: expect.stringMatching(/^SCRYPTREQUEST .*taken from its module/), at: line(-5) },
  ])
})

test('nothing is watched outside a context, nor when nobody watches', async () => {
  const host = new FakeHost()
  const context = host.context()
  const listen = (): void => {
    net.createServer().listen(0).close()
  }

  within(context, () => outsideContext(listen))
  stopWatching()
  within(context, listen)

  expect(host.escapes).toEqual([])

  const [first, second] = [watchEscapes(), watchEscapes()]

  first()
  first()
  within(context, listen)
  second()

  expect(host.escapes).toHaveLength(1)

  await turnOver()
})

test('what would change the real machine is refused before it happens, and a ghost is told nothing', async () => {
  const host = new FakeHost()
  const path = '/tmp/two-generals-refused'

  within(host.context(), () => {
    expect(() => {
      fs.appendFileSync(path, 'x')
    }).toThrow('fs.appendFileSync is real, and refused inside a simulation.')
    void fs.promises.writeFile(path, 'x')
    expect(() => execSync(`touch ${path}`)).toThrow('child_process.execSync')
  })

  expect(host.escapes.map(({ what }) => what)).toEqual([
    'fs.appendFileSync',
    'fs.promises.writeFile',
    'child_process.execSync (run it before the test, or put a port() around the code that starts it)',
  ])

  const ghost = new FakeHost()
  const dead = ghost.context()

  dead.life.dead = true
  within(dead, () => {
    fs.appendFileSync(path, 'x')
  })
  await turnOver()

  expect([fs.existsSync(path), ghost.escapes]).toEqual([false, []])
})
