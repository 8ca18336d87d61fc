import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { buffer, text } from 'node:stream/consumers'
import zlib, { createGzip, gzip, gzipSync, gunzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { amount } from '../full.ts'
import { within } from '../../src/simulate/context.ts'

// Taken before the patching, as a module that is imported earlier would.
const capturedCreateGzip = createGzip
const capturedGzip = gzip

const { assess, journal, always, op, serve } = await import('two-generals')
const { install, watchEscapes } = await import('../../src/simulate/globals.ts')
const { FakeHost, simulated } = await import('./globals.host.ts')
install()
const stopWatching = watchEscapes()
afterAll(stopWatching)

/** Longer than one piece of a stream's output, in every format. */
const long = Array.from({ length: 8_000 }, (_, i) => (i * 2_654_435_761) % 4_294_967_291).join(' ')

const pairs = [
  ['createGzip', 'createGunzip'],
  ['createDeflate', 'createInflate'],
  ['createDeflateRaw', 'createInflateRaw'],
  ['createBrotliCompress', 'createBrotliDecompress'],
  ['createZstdCompress', 'createZstdDecompress'],
] as const

test.each(pairs)('%s and %s work, and are no escape', async (pack, unpack) => {
  await simulated(async (host) => {
    const packed = await buffer(Readable.from([long.slice(0, 9), long.slice(9)]).pipe(zlib[pack]()))

    expect(packed.byteLength).toBeLessThan(long.length)
    expect(await text(Readable.from([packed]).pipe(zlib[unpack]()))).toBe(long)
    expect(host.escapes).toEqual([])
    expect(host.touched).toBe(0)
  })
})

test('bytes come as steps of their own, in the order of the writes, whatever the sizes', async () => {
  const order: string[] = []
  await simulated(async () => {
    const [big, small] = [createGzip(), createGzip()]
    big.on('end', () => order.push('big')).resume()
    small.on('end', () => order.push('small')).resume()
    big.write(long)
    big.flush(() => order.push('big flushed'))
    small.end('x', () => order.push('small written'))
    big.end()
    order.push('nothing yet')
  })

  expect(order).toEqual(['nothing yet', 'small written', 'small', 'big flushed', 'big'])
})

test('what is no gzip is an error of the stream, and the handler goes on', async () => {
  await simulated(async () => {
    const failing = pipeline(Readable.from([Buffer.from('no gzip')]), zlib.createGunzip(), (source) => text(source))

    await expect(failing).rejects.toThrow(expect.objectContaining({ code: 'Z_DATA_ERROR' }))
    expect(gunzipSync(await buffer(Readable.from(['fine']).pipe(createGzip()))).toString()).toBe('fine')
  })
})

test('functions that were taken from the module before the patching are simulated, too', async () => {
  await simulated(async (host) => {
    const packed = await buffer(Readable.from(['early']).pipe(capturedCreateGzip()))
    const called = await new Promise((resolve) => {
      capturedGzip('early', (_, bytes) => {
        resolve(bytes)
      })
    })

    expect([packed, called]).toEqual([gzipSync('early'), gzipSync('early')])
    expect(host.escapes).toEqual([])
  })
})

test('compression streams of the web work without threads', async () => {
  await simulated(async (host) => {
    const packed = new Response('text '.repeat(100)).body?.pipeThrough(new CompressionStream('gzip'))
    const bytes = new Uint8Array(await new Response(packed).arrayBuffer())
    expect(gunzipSync(bytes).toString()).toBe('text '.repeat(100))
    const unpacked = new Response(bytes).body?.pipeThrough(new DecompressionStream('gzip'))
    expect(await new Response(unpacked).text()).toBe('text '.repeat(100))
    const broken = new Response('no gzip').body?.pipeThrough(new DecompressionStream('gzip'))
    await expect(new Response(broken).text()).rejects.toThrow(TypeError)
    expect(host.escapes).toEqual([])
  })
  expect(() => new CompressionStream('zip' as never)).toThrow(TypeError)
})

test('a dead life gets no bytes', async () => {
  const host = new FakeHost()
  const context = host.context()
  const got: unknown[] = []
  within(context, () => {
    const stream = createGzip()
    stream.on('data', (bytes) => got.push(bytes)).end('x')
    context.life.dead = true
  })
  await host.run()

  expect(got).toEqual([])
})

test('outside a simulation the streams are native', async () => {
  expect(gunzipSync(await buffer(Readable.from(['real']).pipe(createGzip()))).toString()).toBe('real')
})

const ask = op('ask', fc.string(), (name) => fetch(`http://shop/?${encodeURIComponent(name)}`))

/**
 * A shop that keeps a compressed log of who asked, and answers compressed; the broken one starts before it is ready.
 */
function compressing(waits: boolean): Parameters<typeof assess>[0] {
  const logged = journal<{ readonly bytes: number; readonly ready: boolean }>('logged')
  return {
    nodes: {
      shop: serve(() => async (request) => {
        let ready = false
        const packing = buffer(Readable.from([request.url]).pipe(createGzip())).then((bytes) => {
          ready = true
          return bytes
        })
        const bytes = waits ? (await packing).byteLength : 0
        logged.add({ bytes, ready })
        return new Response(new Blob([`${bytes}`]).stream().pipeThrough(new CompressionStream('gzip')))
      }),
    },
    operations: [ask],
    invariants: [always('logged when packed', logged, (all) => all.every(({ ready }) => ready))],
    tolerates: ['delay'],
  }
}

test('a handler that compresses holds; one that does not wait for it is found', async () => {
  expect((await assess(compressing(true), { seed: 1, numRuns: amount(50) })).kind).toBe('holds')
  expect((await assess(compressing(false), { seed: 1, numRuns: amount(50) })).kind).toBe('violated')
})
