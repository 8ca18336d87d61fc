// One Date for all code: what was loaded before the package and what is loaded later compare equal, as an ORM compares
// the stored type of a column with the global Date. What is held where nothing can reach it is refused by name.
import { expect, test } from 'vitest'
import type { System } from '../../src/index.ts'

// Before the package is loaded.
const Native = Date
const column: (() => void) & { types: readonly unknown[] } = Object.assign(() => {}, { types: [Date] })
const storage = {
  columns: [{ options: { type: Date as unknown } }],
  byType: new Map<unknown, unknown>([
    ['a', Date],
    [Date, 'datetime'],
    [String, 'text'],
  ]),
  known: new Set<unknown>([Date, String]),
  frozen: Object.freeze({ type: Date }),
  column,
  get expensive(): never {
    throw new Error('no getter is called')
  },
  proxy: new Proxy({}, { ownKeys: () => expect.unreachable() }),
  // Their prototypes are instances of Map and Set, and no such thing: mongoose has one
  classes: [class extends Map {}, class extends Set {}],
}
const parameters: unknown[] = [String, Date]
const metadata: Readonly<Record<string, unknown>> = { 'design:type': Date, 'design:paramtypes': parameters }
Object.assign(globalThis, { typeormMetadataArgsStorage: storage })
Object.assign(Reflect, { getMetadata: (key: string) => metadata[key], getOwnMetadata: (key: string) => metadata[key] })
const early = new Date()
const realTime = process.hrtime.bigint.bind(process.hrtime)

const { assess, journal, always, op, serve } = await import('../../src/index.ts')
const fc = await import('fast-check')

test('the globals are patched as the package is loaded', () => {
  expect(Date === Native).toBe(false)
  expect(Native.now === Date.now).toBe(true)
  expect(Native.prototype.constructor === Date).toBe(true)
})

test('what globals reach holds the one Date', () => {
  expect(storage.columns[0]?.options.type === Date).toBe(true)
  expect(storage.byType.get('a') === Date).toBe(true)
  expect([...storage.byType.keys()].map((key) => key === Date)).toEqual([false, true, false])
  expect([...storage.known].map((type) => type === Date)).toEqual([true, false])
  expect(column.types[0] === Date).toBe(true)
  expect(storage.frozen.type === Native).toBe(true) // out of reach
})

test('reflect-metadata gives the one Date', () => {
  const { getMetadata, getOwnMetadata } = Reflect as unknown as Record<string, (key: string) => unknown>

  expect(getMetadata?.('design:type') === Date).toBe(true)
  expect(getOwnMetadata?.('design:paramtypes')).toBe(parameters)
  expect(parameters.map((type) => type === Date)).toEqual([false, true])
})

const seen = journal<unknown>('seen')
const ask = op('ask', fc.constant(null), () => fetch('http://shop/'))
function asking(handler: () => void): System {
  const shop = serve(() => () => {
    handler()
    return new Response()
  })
  return { nodes: { shop }, operations: [ask], invariants: [always('all', seen, (all) => all.every(Boolean))] }
}

test('a Date that was kept shows the virtual time by now()', async () => {
  const same = asking(() => seen.add(Native.now() === Date.now() && new Date() instanceof Native))

  expect((await assess(same, { numRuns: 2, seed: 1 })).kind).toBe('holds')
})

test.each([
  ['getTime', (date: Date) => date.getTime()],
  ['a number', (date: Date) => Number(date)],
  ['JSON', (date: Date) => JSON.stringify(date)],
  ['text', (date: Date) => String(date)],
  ['a copy', (date: Date) => new Date(date).getTime()],
])('the real time of a Date that was kept is refused as it is read: %s', async (_, read) => {
  const real = asking(() => {
    const since = realTime()
    while (realTime() - since < 2_000_000n); // into the next millisecond
    seen.add(read(new Native()))
  })

  await expect(assess(real, { numRuns: 2, seed: 1 })).rejects.toThrow(
    /a date of the real time .*"two-generals\/preload" first.* at .*globals-identity\.test\.ts:\d+/,
  )
})

test('dates that were made before a history are its data', async () => {
  const made = new Date()
  const before = asking(() => seen.add(made.getTime() > 0 && early.toISOString() !== ''))

  expect((await assess(before, { numRuns: 2, seed: 1 })).kind).toBe('holds')
})
