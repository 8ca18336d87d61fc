// The table in docs/stores.md of what applies to which store says what the stores themselves say; each other cell gives
// a reason.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { expect, onTestFinished, test } from 'vitest'
import { map, sqlite, store, type Store } from '../../src/index.ts'
import { postgres } from '../../src/postgres.ts'
import { redis } from '../../src/redis.ts'
import { d1, instrument } from '../../src/stores.ts'

const text = readFileSync(join(import.meta.dirname, '../../docs/stores.md'), 'utf8')
const section = text.split('## What does not apply')[1] ?? ''
const table = section.split('\n').filter((line) => line.startsWith('|'))
const cellsOf = (line: string): readonly string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
const [head = [], , ...rows] = table.map(cellsOf)

test('each store is there, and each cell says yes or why not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'two-generals-table-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = new DatabaseSync(join(folder, 'a.db'))
  file.exec('pragma journal_mode = wal; pragma synchronous = normal')
  onTestFinished(() => file.close())
  const db = await PGlite.create()
  onTestFinished(() => db.close())
  const client = { query: async () => 1 }
  const memory = (): DatabaseSync => new DatabaseSync(':memory:')
  const stores: Readonly<Record<string, Store>> = {
    '`sqlite`, in memory': sqlite(memory(), { replica: true }),
    '`sqlite`, in a file': sqlite(file, { replica: true, wipe: true }),
    '`map`': map(new Map(), { replica: true }),
    '`postgres`': postgres(db, { replica: true }),
    '`redis`': redis({ replica: true }),
    '`d1`': d1(memory(), { replica: true }).store,
    '`instrument`': instrument(client, ['query'], { name: 'fake', reset: () => undefined }),
    '`store`': store('state', { reset: () => undefined }),
  }
  expect(rows.map(([name]) => name)).toEqual(Object.keys(stores))
  for (const [name, one] of Object.entries(stores)) {
    await one.attach()
    await one.reset()
    const cells = rows.find(([first]) => first === name) ?? []
    expect(cells).toHaveLength(head.length)
    for (const kind of ['readonly', 'stale', 'unsynced'] as const) {
      const cell = cells[head.indexOf(`\`${kind}\``)] ?? ''
      expect(`${name} ${kind}: ${/^yes|^with/.test(cell)}`).toBe(
        `${name} ${kind}: ${one.faults?.includes(kind) === true}`,
      )
    }
    for (const cell of cells.slice(1)) expect(cell).toMatch(/^yes\b|^with `replica`$|\w+ \w+ \w+/)
    await one.detach()
  }
})
