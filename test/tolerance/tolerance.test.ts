// The tolerance table: each cell against a run of every single fault by another way, its sentences, what is worse, and
// the file that is committed.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { assess, atMostOnce, map, noHang, op, rows, serve, type FaultKind, type System } from '../../src/index.ts'
import {
  compareVariants,
  formatComparison,
  formatTolerance,
  tolerance,
  toleranceOf,
  type ToleranceTable,
} from '../../src/tolerance.ts'
import { charging, naive, sound } from '../../examples/charge.ts'

const kept = new Map<number, { readonly id: string }>()
const saved = rows('note', () => [...kept.values()])

/** Keeps notes; how, `keep` says. Whoever gets no answer within a second asks again. */
function noting(keep: (id: string) => void | Promise<void>, options: Partial<System> = {}): System {
  const note = op(
    'note',
    fc.uuid(),
    (id) => fetch('http://notes/', { method: 'POST', body: id, signal: AbortSignal.timeout(1_000) }),
    { retries: 1 },
  )
  return {
    nodes: {
      notes: serve(() => async (request: Request) => {
        await keep(await request.text())
        return new Response('kept')
      }),
    },
    stores: [map(kept, { name: 'kept' })],
    operations: [note],
    invariants: [atMostOnce(saved.by(({ id }) => id)), noHang()],
    ...options,
  }
}
const adds = (id: string): void => void kept.set(kept.size, { id })
const addsOnce = (id: string): void => {
  if (![...kept.values()].some((one) => one.id === id)) adds(id)
}

/** Few random histories: what they are for has a test of its own. */
const few = { numRuns: 2 } as const

const rowOf = ({ perfect, rows: others }: ToleranceTable, fault: string) =>
  [perfect, ...others].find((row) => row.fault === fault)
const resultsOf = (table: ToleranceTable, fault: string) => rowOf(table, fault)?.cells.map(({ result }) => result)

describe('cells', () => {
  test('lost messages, copies and late messages are not absorbed; who looks first absorbs them', async () => {
    const [broken, mended] = [await toleranceOf(noting(adds), few), await toleranceOf(noting(addsOnce), few)]
    for (const fault of ['lose', 'duplicate', 'delay'] satisfies FaultKind[]) {
      expect([fault, resultsOf(broken, fault)]).toEqual([fault, ['violated', 'holds']])
      expect([fault, resultsOf(mended, fault)]).toEqual([fault, ['holds', 'holds']])
    }
    expect(resultsOf(broken, 'none')).toEqual(['holds', 'holds'])
    // It needs no fault of this kind to be safe, and none had a place to strike
    expect(rowOf(broken, 'close')).toMatchObject({
      fired: 0,
      cells: [{ result: 'not exercised' }, { result: 'not exercised' }],
    })
  })

  test.each([
    ['charges whenever it is asked to', charging(naive)],
    ['passes on a key', charging(sound)],
    ['adds', noting(adds)],
    ['looks first', noting(addsOnce)],
  ])('agree with every single fault, one kind after the other: %s', async (_, system) => {
    const table = await toleranceOf(system, { numRuns: 0 })
    for (const row of table.rows) {
      if (row.fault === 'none' || row.fired === 0) continue
      // The same faults by the way of a test, which stops at the first violation
      const alone = await assess({ ...system, tolerates: [row.fault] }, { numRuns: 0, shrink: false })
      const isViolated = row.cells.some(({ result }) => result === 'violated')
      expect([row.fault, alone.kind === 'violated']).toEqual([row.fault, isViolated])
      if (!isViolated) expect([row.fault, row.singles]).toEqual([row.fault, alone.explored.singles.total])
    }
  })

  test('what only random histories violate is shrunk', async () => {
    const once = noting(addsOnce)
    // The third request of a process adds, whatever is there
    const boot = () => {
      let requests = 0
      return async (request: Request) => {
        const id = await request.text()
        requests += 1
        if (requests === 3) adds(id)
        else addsOnce(id)
        return new Response('kept')
      }
    }
    const table = await toleranceOf({ ...once, nodes: { notes: serve(boot) }, tolerates: ['lose'] }, { numRuns: 20 })
    const cell = rowOf(table, 'lose')?.cells[0]
    expect(cell).toMatchObject({ result: 'violated', smallest: { operations: 2 } })
  })

  test('what needs no fault after all is violated without faults, too, and is said of no kind', async () => {
    const looksThenAdds = async (id: string): Promise<void> => {
      const isThere = [...kept.values()].some((one) => one.id === id)
      await new Promise((resolve) => setTimeout(resolve, 5))
      if (!isThere) adds(id)
    }
    const note = op('note', fc.constantFrom('a', 'b'), (id) => fetch('http://notes/', { method: 'POST', body: id }))
    const system = noting(looksThenAdds, { operations: [note], tolerates: ['unreachable', 'refuse', 'trickle'] })
    const table = await toleranceOf(system, { numRuns: 10 })
    const violated = table.rows.filter(({ cells }) => cells[0]?.result === 'violated')
    expect(violated.length).toBeGreaterThan(0)
    for (const { cells } of violated) expect(cells[0]).toMatchObject({ smallest: { faults: [], operations: 2 } })
    expect(rowOf(table, 'none')?.cells[0]?.result).toBe('violated')
    expect(table.perfect.outcome).toBe('"note" happens too often')
    for (const { outcome } of table.rows) expect(outcome).not.toContain('too often')
  })

  test('equal seeds give equal tables', async () => {
    expect(await toleranceOf(noting(adds), { seed: 3, numRuns: 3 })).toEqual(
      await toleranceOf(noting(adds), { seed: 3, numRuns: 3 }),
    )
  })
})

describe('variants', () => {
  test('say what they gain and pay beside the first, as data, text and Markdown', async () => {
    const tolerates: readonly FaultKind[] = ['lose', 'hang']
    const patient = noting(addsOnce, { tolerates })
    const compared = await compareVariants(
      { sound: patient, broken: noting(adds, { tolerates }), 'sound again': patient },
      { numRuns: 0 },
    )

    expect(Object.keys(compared.tables)).toEqual(['sound', 'broken', 'sound again'])
    expect(compared.tables['sound']).toEqual(await toleranceOf(patient, { numRuns: 0 }))
    expect(compared.trades.map(({ variant, beside }) => [variant, beside])).toEqual([
      ['broken', 'sound'],
      ['sound again', 'sound'],
    ])
    const violated = { what: 'atMostOnce(note)', from: 'holds', to: 'violated', by: 1 }
    expect(compared.trades[0]).toMatchObject({ gains: [], pays: [{ ...violated, fault: 'lose' }] })
    expect(compared.trades[1]).toMatchObject({ gains: [], pays: [] })
    expect(JSON.parse(JSON.stringify(compared))).toEqual(compared)
    expect(formatComparison(compared)).toMatch(
      /^broken, beside sound\n {2}gains {2}nothing\n {2}pays {3}atMostOnce\(note\): holds -> violated under lost messages\n/,
    )
    const markdown = formatComparison(compared, { as: 'markdown' })
    expect(markdown).toMatch(/^\*\*broken\*\*, beside sound\n\n- gains nothing\n- pays atMostOnce\(note\): holds -> /)
    expect(markdown).toContain('| lose | sound again |')
  })

  test('the other way round what was paid is gained, and a figure shows its largest step', async () => {
    const tolerates: readonly FaultKind[] = ['lose', 'hang']
    const impatient = noting(addsOnce, {
      tolerates,
      operations: [
        op('note', fc.uuid(), () => fetch('http://notes/', { method: 'POST', body: 'x' }), { timeout: 500 }),
      ],
    })
    const compared = await compareVariants({ impatient, patient: noting(addsOnce, { tolerates }) }, { numRuns: 0 })

    const [trade] = compared.trades
    expect(trade?.gains.map(({ fault, what }) => `${what} ${fault}`)).toContain('answered ok lose')
    expect(trade?.pays.map(({ what }) => what)).toEqual(['settled after', 'settled after'])
    expect(formatComparison(compared)).toContain('answered ok: up to 0 % -> 100 % under lost messages and calls that')
  })

  test('are at least two', async () => {
    await expect(compareVariants({ one: noting(adds) })).rejects.toThrow('variants is of 1; give at least two systems')
    await expect(compareVariants(noting(adds).operations as never)).rejects.toThrow('variants is')
  })
})

describe('service', () => {
  test('says what is answered, how late, and when all is settled', async () => {
    const { perfect, rows: others } = await toleranceOf(noting(addsOnce), { numRuns: 0 })
    expect(perfect.service).toEqual({ availability: 1, medianMs: 40, slowestMs: 40, oldestMs: 20 })
    const lose = others.find(({ fault }) => fault === 'lose')
    // Lost on its way there, or on its way back: tried again after a second
    expect(lose?.service).toEqual({
      availability: 1,
      medianMs: 1_040,
      slowestMs: 1_040,
      oldestMs: 1_020,
      settledMs: 1_040,
    })
  })

  test('a read that a replica answers shows how old its data are', async () => {
    const shelf = new Map([['tea', 3]])
    const fill = op('fill', fc.constant('tea'), (name) => fetch(`http://shop/${name}`, { method: 'PUT' }))
    const look = op('look', fc.constant('tea'), (name) => fetch(`http://shop/${name}`))
    const shop = ({ method, url }: Request): Response => {
      const name = new URL(url).pathname.slice(1)
      if (method === 'PUT') shelf.set(name, 7)
      return Response.json(method === 'PUT' ? 'filled' : shelf.get(name))
    }
    const system: System = {
      nodes: { shop: serve(() => shop) },
      stores: [map(shelf, { name: 'shelf', replica: true })],
      operations: [fill, look],
      invariants: [noHang()],
      tolerates: ['stale'],
    }
    const table = await toleranceOf(system, { numRuns: 0 })
    expect(table.perfect.service.oldestMs).toBe(20)
    expect(rowOf(table, 'stale')?.service.oldestMs).toBe(1_020)
    expect(rowOf(table, 'stale')?.words).toContain('paid with old answers')
  })
})

describe('words', () => {
  test('say what goes wrong, or what it is paid with', async () => {
    const [broken, mended] = [await toleranceOf(noting(adds), few), await toleranceOf(noting(addsOnce), few)]
    expect(rowOf(broken, 'lose')?.words).toBe(
      'Under lost messages "note" happens too often; every operation is answered ok after one such fault, the slowest ' +
        'in 1.04 s, on data up to 1.02 s old.',
    )
    expect(rowOf(mended, 'hang')?.words).toBe(
      'Under calls that are never answered every invariant holds, paid with time; every operation is answered ok after ' +
        'one such fault, the slowest in 1.04 s.',
    )
    expect(rowOf(mended, 'close')?.words).toBe('Nothing is known: no such fault had a place to strike.')
  })

  test('a table is columns, or Markdown, and variants stand side by side', async () => {
    const tables = {
      adds: await toleranceOf(noting(adds), few),
      'looks first': await toleranceOf(noting(addsOnce), few),
    }
    const text = formatTolerance(tables.adds)
    expect(text).toContain('A  atMostOnce(note)\nB  noHang\n\nfault')
    expect(text).toMatch(/^lose +violated: 1 fault, 1 operation +holds \(\d+\) +100 % +1\.04 s/m)
    expect(text).toContain('Not exercised, since they had no place to strike: close')
    const page = formatTolerance(tables, { as: 'markdown' })
    expect(page).toMatch(/^\| lose \| adds \| violated: 1 fault, 1 operation \| /m)
    expect(page).toMatch(/^\| lose \| looks first \| holds \(\d+\) \| /m)
    expect(page).toMatch(/^- adds: Under lost messages, .* "note" happens too often\.$/m)
    expect(page).toMatch(/^- looks first: Under lost messages.* every invariant holds, paid with time/m)
  })
})

describe('a committed table', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'two-generals-tolerance-'))
    vi.stubEnv('CI', '')
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
    vi.unstubAllEnvs()
  })
  const fileIn = (): string => join(folder, 'tables', 'notes.json')

  test('is written at first, and holds as long as nothing is worse', async () => {
    const written = await tolerance(noting(addsOnce), { ...few, file: fileIn() })
    expect(JSON.parse(readFileSync(fileIn(), 'utf8'))).toMatchObject({ version: 1, invariants: written.invariants })
    await expect(tolerance(noting(addsOnce), { ...few, file: pathToFileURL(fileIn()) })).resolves.toEqual(written)
  })

  test('a row that got worse fails with both rows and the story', async () => {
    await tolerance(noting(addsOnce), { ...few, file: fileIn() })
    const before = readFileSync(fileIn(), 'utf8')
    const error: unknown = await tolerance(noting(adds), { ...few, file: fileIn() }).catch((thrown: unknown) => thrown)
    const text = String(error)
    expect(text).toContain('tolerates less than')
    expect(text).toMatch(/lose\n {2}atMostOnce\(note\): holds \(\d+\) -> violated: 1 fault, 1 operation\n/)
    expect(text).toContain('before: Under lost messages every invariant holds')
    expect(text).toContain('now:    Under lost messages "note" happens too often')
    expect(text).toContain('note happened twice for')
    expect(text).toContain('Necessary   lose the reply')
    expect(readFileSync(fileIn(), 'utf8')).toBe(before)
  })

  test('slower is worse, too, and fewer answers are', async () => {
    await tolerance(noting(addsOnce), { ...few, file: fileIn() })
    const slow = noting(async (id) => {
      addsOnce(id)
      await new Promise((resolve) => setTimeout(resolve, 500))
    })
    await expect(tolerance(slow, { ...few, file: fileIn() })).rejects.toThrow('slowest: 40 ms -> 540 ms')
  })

  test('what is better is left, until it is asked for', async () => {
    await tolerance(noting(adds), { ...few, file: fileIn() })
    const before = readFileSync(fileIn(), 'utf8')
    await tolerance(noting(addsOnce), { ...few, file: fileIn() })
    expect(readFileSync(fileIn(), 'utf8')).toBe(before)
    vi.stubEnv('TWO_GENERALS_TOLERANCE', 'update')
    await tolerance(noting(addsOnce), { ...few, file: fileIn() })
    expect(readFileSync(fileIn(), 'utf8')).not.toBe(before)
  })

  test('bad input is told, and nothing is lost', async () => {
    writeFileSync(join(folder, 'broken.json'), '{ "version": 1 ')
    await expect(tolerance(noting(adds), { file: join(folder, 'broken.json') })).rejects.toThrow(
      'is no tolerance table',
    )
    expect(readFileSync(join(folder, 'broken.json'), 'utf8')).toBe('{ "version": 1 ')
    writeFileSync(join(folder, 'later.json'), '{ "version": 2 }')
    await expect(tolerance(noting(adds), { file: join(folder, 'later.json') })).rejects.toThrow('reads version 1')
    await expect(tolerance(noting(adds), {} as never)).rejects.toThrow(
      'file is undefined; give where the table is kept',
    )
    await expect(toleranceOf(noting(adds), { runs: 3 } as never)).rejects.toThrow('numRuns')
    vi.stubEnv('CI', 'true')
    await expect(tolerance(noting(adds), { ...few, file: fileIn() })).rejects.toThrow('Run the test once outside CI')
  })

  test('a system that does not work without faults has no table', async () => {
    const broken = noting(() => Promise.reject(new Error('no disk')))
    await expect(toleranceOf(broken)).rejects.toThrow('perfect network')
  })
})
