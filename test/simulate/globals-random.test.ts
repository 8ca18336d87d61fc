// Randomness inside a simulation: every source draws from the history's seed, with the native's own errors.
import crypto, { getRandomValues, randomBytes, randomFill, randomFillSync, randomInt, randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { within } from '../../src/simulate/context.ts'
import { install } from '../../src/simulate/globals.ts'
import { epochMs, FakeHost, simulated } from './globals.host.ts'

install()

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** One of everything synchronous. */
function draws(): unknown[] {
  return [
    Math.random(),
    randomUUID(),
    crypto.randomUUID(),
    globalThis.crypto.randomUUID(),
    randomInt(10),
    randomInt(5, 1000),
    randomBytes(5).toString('hex'),
    globalThis.crypto.getRandomValues(new Uint32Array(3)),
    getRandomValues(new Uint8Array(3)),
    randomFillSync(new Uint16Array(4), 1, 2),
    randomBytes(1000).toString('hex'),
  ]
}

test('two histories with one seed draw the same from every source', async () => {
  const first = await simulated(draws)

  expect(await simulated(draws)).toEqual(first)
  expect(draws()).not.toEqual(first)
  expect([first[1], first[2], first[3]]).toEqual([
    expect.stringMatching(uuid),
    expect.stringMatching(uuid),
    expect.stringMatching(uuid),
  ])
  expect(new Set(first.slice(1, 4)).size).toBe(3)
})

test('named ESM imports of node:crypto see the simulation', () => {
  const host = new FakeHost()

  within(host.context(), () => [randomUUID(), getRandomValues(new Uint8Array(1)), randomInt(3), randomBytes(1)])

  expect(new Set(host.log)).toEqual(
    new Set(['crypto.randomUUID', 'crypto.getRandomValues', 'crypto.randomInt', 'crypto.randomBytes']),
  )
})

test('draws fill their ranges and nothing beyond', async () => {
  await simulated(() => {
    const fractions = Array.from({ length: 2000 }, () => Math.random())
    expect(Math.min(...fractions)).toBeLessThan(0.01)
    expect(Math.max(...fractions)).toBeGreaterThan(0.99)
    expect(fractions.every((fraction) => fraction >= 0 && fraction < 1)).toBe(true)
    expect(new Set(Array.from({ length: 200 }, () => randomInt(-1, 2)))).toEqual(new Set([-1, 0, 1]))
    expect([...randomFillSync(Buffer.alloc(6), 2, 3)].map((byte, i) => (i < 2 || i > 4 ? byte : -1))).toEqual([
      0, 0, -1, -1, -1, 0,
    ])
    expect([...randomFillSync(new Uint16Array(3), 1)][0]).toBe(0)
    expect(randomFillSync(new DataView(new ArrayBuffer(8))).getUint32(0)).not.toBe(0)
    expect(new Set(randomBytes(4096)).size).toBe(256)
    expect(randomBytes(0)).toHaveLength(0)
  })
})

test('a large fill costs a history few draws', () => {
  const host = new FakeHost()

  within(host.context(), () => randomBytes(65_536))

  expect(host.log).toHaveLength(3)
})

test('bad arguments are refused as Node refuses them', async () => {
  await simulated(() => {
    expect(() => randomBytes(-1)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }))
    expect(() => randomBytes(1, 'x' as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }))
    expect(() => randomInt(5, 1)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }))
    expect(() => randomInt(0, 5, 'x' as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }))
    expect(() => randomFillSync('x' as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }))
    expect(() => randomFill(Buffer.alloc(1), 5, () => undefined)).toThrow(
      expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }),
    )
    expect(() => globalThis.crypto.getRandomValues(new Float32Array(1) as never)).toThrow(
      expect.objectContaining({ name: 'TypeMismatchError' }),
    )
    expect(() => globalThis.crypto.getRandomValues(new Uint8Array(65_537))).toThrow(
      expect.objectContaining({ name: 'QuotaExceededError' }),
    )
  })
})

test('callback forms give their result as a step of its own', async () => {
  const order: string[] = []

  const bytes = await simulated(async (host) => {
    const results = Promise.all([
      promisify(randomBytes)(4),
      promisify<number, number, number>(randomInt)(1, 7),
      promisify<Buffer, Buffer>(randomFill)(Buffer.alloc(4)),
    ])
    randomInt(3, (error, value) => order.push(`${String(error)} ${String(value < 3)}`))
    order.push('returned')
    const [four, die, filled] = await results
    expect([four.length, die >= 1 && die < 7, host.nowMs]).toEqual([4, true, 0])
    return filled.toString('hex')
  })

  expect(bytes).not.toBe('00000000')
  expect(order).toEqual(['returned', 'null true'])
})

test.skipIf(!('randomUUIDv7' in crypto))('a version 7 UUID carries the simulated time', async () => {
  const made = await simulated(() => (Reflect.get(crypto, 'randomUUIDv7') as () => string)())

  expect(made).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/)
  expect(Number.parseInt(made.replace('-', '').slice(0, 12), 16)).toBe(epochMs)
})
