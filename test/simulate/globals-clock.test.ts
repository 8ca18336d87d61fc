// Clocks inside a simulation: Date, date formatters, monotonic clocks and Temporal show the node's own time.
import { performance as nodePerformance } from 'node:perf_hooks'
import { hrtime, uptime } from 'node:process'
import { types } from 'node:util'
import { expect, test } from 'vitest'
import { within } from '../../src/simulate/context.ts'
import { install } from '../../src/simulate/globals.ts'
import { epochMs, FakeHost, simulated } from './globals.host.ts'

install()

test('Date shows each node its own wall clock, and the real one outside', () => {
  const host = new FakeHost()
  const [shop, bank] = [host.context('shop'), host.context('bank')]

  bank.life.clock.jump(-5000)
  host.nowMs = 20

  expect(within(shop, () => [Date.now(), new Date().getTime(), Date()])).toEqual([
    epochMs + 20,
    epochMs + 20,
    new Date(epochMs + 20).toString(),
  ])
  expect(within(bank, () => Date.now())).toBe(epochMs - 4980)
  expect(Math.abs(Date.now() - (performance.timeOrigin + performance.now()))).toBeLessThan(60_000)
  expect(Date()).toMatch(/^\w{3} \w{3} \d\d \d{4} /)
})

test('Date behaves as the native one in every other way', async () => {
  await simulated(() => {
    const date = new Date(2020, 1, 29, 12)
    expect([Date.name, Date.length, Date.parse('2020-01-01T00:00:00Z'), Date.UTC(2020, 0)]).toEqual([
      'Date',
      7,
      1577836800000,
      1577836800000,
    ])
    expect(date.getDate()).toBe(29)
    expect(new Date(0).toISOString()).toBe('1970-01-01T00:00:00.000Z')
    expect(new Date(Number.NaN).getTime()).toBeNaN()
    expect(date instanceof Date && types.isDate(date)).toBe(true)
    expect(date.constructor).toBe(Date)
    expect(new (date.constructor as DateConstructor)().getTime()).toBe(epochMs)
    expect(structuredClone(new Date())).toEqual(new Date(epochMs))
    expect(structuredClone(new Date()) instanceof Date).toBe(true)
    expect(Object.keys(Date)).toEqual([])
  })
})

test('a subclass of Date starts at the simulated time and keeps its prototype', async () => {
  class Day extends Date {
    day(): string {
      return this.toISOString().slice(0, 10)
    }
  }
  await simulated(() => {
    const day = new Day()
    expect([day.day(), day instanceof Day, day instanceof Date, Day.now()]).toEqual(['2026-01-01', true, true, epochMs])
    expect(new Day(0).day()).toBe('1970-01-01')
  })
})

test('a date formatter without a date takes the simulated present', async () => {
  const formatter = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC' })

  await simulated(() => {
    const detached: (date?: number) => string = Reflect.get(formatter, 'format')
    expect([formatter.format(), formatter.format(0), [undefined, 0].map(detached)]).toEqual([
      '01/01/2026',
      '01/01/1970',
      ['01/01/2026', '01/01/1970'],
    ])
    expect(formatter.formatToParts().find((part) => part.type === 'year')?.value).toBe('2026')
  })

  expect(formatter.format()).toBe(formatter.format(Date.now()))
})

test('monotonic clocks follow the timer clock and ignore a jump of the wall clock', () => {
  const host = new FakeHost()
  const shop = host.context()

  host.nowMs = 1234.5
  shop.life.clock.jump(99_999)
  within(shop, () => {
    expect([performance.now(), nodePerformance.now(), performance.timeOrigin]).toEqual([1234.5, 1234.5, epochMs])
    expect([process.hrtime(), hrtime([1, 234_000_000]), process.hrtime.bigint(), hrtime.bigint()]).toEqual([
      [1, 234_500_000],
      [0, 500_000],
      1_234_500_000n,
      1_234_500_000n,
    ])
    expect(hrtime([0, 999_000_000])).toEqual([0, 235_500_000])
    expect([process.uptime(), uptime()]).toEqual([1.2345, 1.2345])
    expect(() => hrtime([1] as never)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }))
  })
  const before = process.hrtime.bigint()

  expect(process.hrtime.bigint()).toBeGreaterThanOrEqual(before)
  expect(process.uptime()).toBeGreaterThan(0)
  expect(performance.timeOrigin).not.toBe(epochMs)
})

test.skipIf(!('Temporal' in globalThis))('Temporal.Now reads the wall clock', async () => {
  interface Now {
    instant(): { epochMilliseconds: number }
    plainDateISO(zone?: string): object
    plainTimeISO(zone?: string): object
    plainDateTimeISO(zone?: string): object
    zonedDateTimeISO(zone?: string): object
  }
  const { Now } = Reflect.get(globalThis, 'Temporal') as { Now: Now }

  await simulated((host) => {
    host.nowMs = 1500
    expect(Now.instant().epochMilliseconds).toBe(epochMs + 1500)
    expect(
      [Now.plainDateISO('UTC'), Now.plainTimeISO('UTC'), Now.plainDateTimeISO('UTC'), Now.zonedDateTimeISO('UTC')].map(
        String,
      ),
    ).toEqual(['2026-01-01', '00:00:01.5', '2026-01-01T00:00:01.5', '2026-01-01T00:00:01.5+00:00[UTC]'])
  })

  expect(Now.instant().epochMilliseconds).not.toBe(epochMs)
})
