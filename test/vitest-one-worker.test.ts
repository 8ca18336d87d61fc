// Several systems in one file, and several files in one worker (`isolate: false`): a module-level store that all share,
// functions that were captured before, a server of msw that listens, fake timers, and mocks, one beside the other.
// @module-tag full
import { expect, onTestFinished, test } from 'vitest'
import { shopHead, VitestProject } from './vitest-project.ts'

const head = `${shopHead.replace('import { describe,', 'import { afterAll, beforeAll, vi, describe,').replace('const known = new Map()', "import { known } from './store.ts'")}
const stored = (name) => shop(async (request) => {
  const { order } = await request.json()
  await new Promise((resolve) => setTimeout(resolve, 10))
  if (!known.has(order)) { known.set(order, new Date().toISOString()); charge.add({ order }) }
  return new Response()
}, { stores: [map(known, { name })], tolerates: ['lose'] })
`
const files: Readonly<Record<string, string>> = {
  'setup.ts': 'globalThis.captured ??= { fetch, Date, setTimeout }',
  'store.ts': 'export const known = new Map()',
  'a.test.ts': `${head}
    import { http, HttpResponse } from 'msw'
    import { setupServer } from 'msw/node'
    const server = setupServer(http.post('https://bank.test/', () => HttpResponse.json({ ok: 1 }, { status: 201 })))
    beforeAll(() => server.listen({ onUnhandledRequest: 'error' }))
    afterAll(() => server.close())
    describe('one', () => { testResilience('store', { numRuns: 3 }, stored('known')) })
    describe('two', () => { testResilience('store', { numRuns: 3 }, stored('known')) })
    describe.concurrent('beside', () => {
      for (const name of ['x', 'y']) testResilience(name, { numRuns: 3 }, stored(name))
    })
    const ask = op('ask', fc.constant(null), () => fetch('http://shop/'))
    testResilience('captured fetch', { numRuns: 3 }, {
      nodes: { shop: serve(() => () => globalThis.captured.fetch('https://bank.test/', { method: 'POST' })) },
      outside: server, operations: [ask], invariants: [noHang()], tolerates: ['delay'],
    })
    test('msw', async () => {
      expect((await fetch('https://bank.test/', { method: 'POST' })).status).toBe(201)
    })`,
  'b.test.ts': `${head}
    test('fake timers', () => {
      vi.useFakeTimers({ now: 0 })
      let fired = false
      setTimeout(() => { fired = true }, 1_000)
      vi.advanceTimersByTime(1_000)
      expect([fired, Date.now()]).toEqual([true, 1_000])
      vi.useRealTimers()
    })
    testResilience('after fake timers', { numRuns: 3 }, stored('known'))
    test('one Date', () => {
      expect(Date === globalThis.captured.Date).toBe(true)
    })`,
  'c.test.ts': `${head}
    vi.mock('./store.ts', () => ({ known: new Map([['mocked', true]]) }))
    testResilience('mocked', { numRuns: 3 }, stored('known'))
    test('a spy', async () => {
      const spy = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response('spied'))
      expect([known.has('mocked'), await (await fetch('http://x')).text()]).toEqual([true, 'spied'])
      spy.mockRestore()
    })
    testResilience('broken', { numRuns: 3 }, naive)`,
  'd.test.ts': `${head}
    test('afterwards', async () => {
      expect(fetch).toBe(globalThis.captured.fetch)
      const start = performance.now()
      await new Promise((resolve) => globalThis.captured.setTimeout(resolve, 20))
      expect(performance.now() - start).toBeGreaterThan(10)
    })`,
}

test.each([{ isolate: false, maxWorkers: 1 }, { isolate: true }])('%o', { timeout: 120_000 }, async (config) => {
  const project = new VitestProject({ ...config, setupFiles: ['./setup.ts'] })
  onTestFinished(() => project.remove())
  for (const [path, text] of Object.entries(files)) project.write(path, text.replace('assess, ', 'assess, noHang, '))
  const { statuses, failures } = await project.run()

  const red = Object.keys(statuses).filter((name) => statuses[name] !== 'passed')

  expect(red, JSON.stringify(failures)).toEqual(['broken'])
  expect(failures['broken']).toContain('charge happened twice for order#0')
  expect(Object.keys(statuses)).toHaveLength(13)
})
