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
  /** Whether a commit is to be read now. */
  due(): boolean
  take(): Promise<void>
  /** The last reading, and with it all that were found. */
  last(): Promise<readonly Reading[]>
}

/** When a row of some content was first seen. */
interface Seen {
  readonly atMs: number
  readonly event: number
}

export function takeReadings(world: World, rows: readonly RowsSource[], annotate: boolean): Readings {
  const seen = new Map<string, Seen[]>()
  const note = async (source: RowsSource): Promise<void> => {
    const counts = new Map<string, number>()
    for (const value of await query(source)) {
      const id = rowId(source, value)
      const n = (counts.get(id) ?? 0) + 1
      counts.set(id, n)
      const sightings = seen.get(id) ?? []
      if (n > sightings.length) sightings.push({ atMs: world.nowMs, event: lastWrite(world) })
      seen.set(id, sightings)
    }
  }
  return {
    due: () => annotate && world.storeChanged && rows.length > 0 && !world.stores.some((store) => store.isOpen()),
    async take() {
      world.storeChanged = false
      for (const source of rows) await note(source)
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
