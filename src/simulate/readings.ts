// Readings: `rows` effects, read from the truth outside the simulation. At the end while exploring; on a failing history after every
// commit, so that each row gets a time and a cause. Annotations: they are no part of the history's bytes.
import { inspect } from 'node:util'
import type { RowsSource } from '../effect.ts'
import type { Reading } from '../history.ts'
import { canonical, encodeValue } from '../value.ts'
import { outsideContext } from './context.ts'
import { SetupError } from './setup-error.ts'
import type { World } from './world.ts'

export interface Readings {
  /** What is there before anything happens has no time and no cause. */
  first(): Promise<void>
  /** Directly after a commit, where the query answers at once: two commits of one step are told apart. */
  committed(event: number): void
  /** Whether a commit is still to be read, as its query takes its time. */
  due(): boolean
  take(): Promise<void>
  /** The last reading, and with it all that were found. */
  last(): Promise<readonly Reading[]>
}

/** When a row of some content was first seen; nothing where it was there from the start. */
type Seen = Pick<Reading, 'atMs' | 'event'>

export function takeReadings(world: World, rows: readonly RowsSource[], annotate: boolean): Readings {
  const seen = new Map<string, Seen[]>()
  let unread = false
  const note = (source: RowsSource, values: readonly unknown[], sighting: Seen): void => {
    const counts = new Map<string, number>()
    for (const value of values) {
      const id = rowId(source, value)
      const n = (counts.get(id) ?? 0) + 1
      counts.set(id, n)
      const sightings = seen.get(id) ?? []
      if (n > sightings.length) sightings.push(sighting)
      seen.set(id, sightings)
    }
  }
  return {
    async first() {
      if (annotate) for (const source of rows) note(source, await query(source).catch(() => []), {}) // its table may be made at boot
    },
    committed(event) {
      if (!annotate) return
      for (const source of rows) {
        const values = queryNow(source)
        if (values === undefined) unread = true
        else note(source, values, { atMs: world.nowMs, event })
      }
    },
    due: () => unread && !world.stores.some((store) => store.isOpen()),
    async take() {
      unread = false
      for (const source of rows) note(source, await query(source), { atMs: world.nowMs, event: lastWrite(world) })
    },
    async last() {
      const readings: Reading[] = []
      for (const source of rows) {
        for (const value of await query(source)) {
          readings.push({ effect: source.name, value, ...(seen.size === 0 ? undefined : seen.get(rowId(source, value))?.shift()) })
        }
      }
      return readings
    },
  }
}

/** The rows of a query that answers at once; undefined for one that takes its time, or fails: read again later, it says so. */
function queryNow(source: RowsSource): readonly unknown[] | undefined {
  try {
    const answer = outsideContext(() => source.query())
    return Array.isArray(answer) ? plain(answer) : undefined
  } catch {
    return undefined // never thrown at the handler that has just committed
  }
}

function rowId(source: RowsSource, value: unknown): string {
  try {
    return `${source.name} ${canonical(encodeValue(value))}`
  } catch {
    return `${source.name} ${inspect(value)}` // an instance of a class (a decimal, an entity): told apart by what it shows
  }
}

function lastWrite(world: World): number {
  return world.events.findLastIndex((event) => event.kind === 'store' && event.write)
}

async function query(source: RowsSource): Promise<readonly unknown[]> {
  try {
    return plain(await outsideContext(() => source.query()))
  } catch (error) {
    throw new SetupError(`rows("${source.name}"): its query failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

/** node:sqlite gives rows without a prototype, and drivers reuse objects: the history keeps plain copies. */
function plain(rows: readonly unknown[]): readonly unknown[] {
  if (!Array.isArray(rows)) throw new Error('it gave no array')
  return rows.map((row: unknown) => (typeof row === 'object' && row !== null && !Array.isArray(row) ? { ...row } : row))
}
