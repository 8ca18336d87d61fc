// Readings: `rows` effects, read from the stores outside the simulation, and views of the state that clients hold.
// While exploring they are read once, at the end. A failing history is read after every commit and step, so that each
// value gets a time and a cause. Effects with `everyCommit` are read after every commit in any case, so that states in
// between are judged too. Readings are annotations and no part of the history's bytes.
import { inspect } from 'node:util'
import type { ReadsSource, RowsSource } from '../history/effect.ts'
import type { History, Reading, Snapshot, View } from '../history/history.ts'
import { describeError } from '../plain/describe-error.ts'
import { outsideContext } from './context.ts'
import { rowId, type RowsAtStart } from './rows-at-start.ts'
import { SetupError } from './setup-error.ts'
import type { World } from './world.ts'

/** What was read, as it stands in the history. */
export type ReadAnnotations = Pick<History, 'readings' | 'snapshots' | 'views'>

export interface Readings {
  /** Before anything happens: what is there then has no time and no cause. */
  first(): Promise<void>
  /** Whether the rows at the start of the operations still have to be read. */
  mustBegin(): boolean
  begin(): Promise<void>
  /** Directly after a commit. A query that answers at once can so distinguish two commits of one step. */
  committed(event: number): void
  /** A step is over: what clients show may have changed. */
  rested(): void
  /** Whether a commit has still to be read, because the query is asynchronous. */
  due(): boolean
  take(): Promise<void>
  /** The last reading. Returns everything that was read. */
  last(): Promise<ReadAnnotations>
}

/** When a row with some content was first seen; empty where it was there from the start. */
type FirstSeen = Pick<Reading, 'atMs' | 'event'>

/** What is read. `annotate`: after every commit and step. `compare`: also before the operations begin. */
export interface ReadingSources {
  readonly rows: readonly RowsSource[]
  readonly views: readonly ReadsSource[]
  readonly annotate: boolean
  readonly compare: boolean
  /** The rows at the start of the histories. */
  readonly atStart: RowsAtStart
}

export function takeReadings(world: World, { rows, views, annotate, compare, atStart }: ReadingSources): Readings {
  const seen = new Map<string, FirstSeen[]>()
  const watched = annotate ? rows : rows.filter(({ everyCommit }) => everyCommit === true)
  const snapshots: Snapshot[] = []
  /** The last commit, and whether it has still to be read. */
  let lastCommit = -1
  let unread = false
  let unbegun = rows.length > 0 && (compare || !atStart.isKnown)
  /** What each view showed last, in words. Only a note reports a value that has disappeared again. */
  const contents = new Map<string, string>()
  const note = (source: string, values: readonly unknown[], sighting: FirstSeen): void => {
    const counts = new Map<string, number>()
    for (const value of values) {
      const id = sourceRowId(source, value)
      const n = (counts.get(id) ?? 0) + 1
      counts.set(id, n)
      const sightings = seen.get(id) ?? []
      if (n > sightings.length) sightings.push(sighting)
      seen.set(id, sightings)
    }
  }
  const saw = ({ name, everyCommit }: RowsSource, values: readonly unknown[], event: number): void => {
    note(name, values, event === -1 ? {} : { atMs: world.nowMs, event })
    if (everyCommit === true && snapshots.findLast(({ effect }) => effect === name)?.event !== event)
      snapshots.push({ effect: name, rows: values, atMs: world.nowMs, event })
  }
  return {
    async first() {
      // A query may fail here, because its table is created only at boot
      for (const source of watched) saw(source, await rowsNow(source).catch(() => []), -1)
    },
    mustBegin: () => unbegun && world.fired.length === 0, // a fault may have struck a node as it booted
    async begin() {
      unbegun = false
      atStart.isKnown = true
      // A query that fails is reported at the end
      for (const source of rows) atStart.add(source.name, await rowsNow(source).catch(() => []))
    },
    committed(event) {
      lastCommit = event
      for (const source of watched) {
        const values = rowsAtOnce(source)
        if (values === undefined) unread = true
        else saw(source, values, event)
      }
    },
    rested() {
      if (!annotate || views.length === 0) return
      for (const { id, effect, node, values } of viewsOf(world, views)) {
        const event = world.events.findLastIndex((one) => one.node === node)
        const content = contentWords(values)
        note(id, values, { atMs: world.nowMs, event })
        if (content !== (contents.get(id) ?? contentWords([]))) world.note(event, `${effect}: ${content}`)
        contents.set(id, content)
      }
    },
    due: () => unread && !world.stores.some((store) => store.isOpen()),
    async take() {
      unread = false
      for (const source of watched) saw(source, await rowsNow(source), lastCommit)
    },
    async last() {
      const readings: Reading[] = []
      const found = (id: string, value: unknown): FirstSeen | undefined =>
        seen.size === 0 ? undefined : seen.get(sourceRowId(id, value))?.shift()
      for (const source of rows) {
        const wasThere = atStart.wasThere(source.name)
        for (const value of await rowsNow(source)) {
          const sighting = found(source.name, value)
          readings.push({ effect: source.name, value, ...sighting, ...(wasThere(value) ? { wasThere: true } : {}) })
        }
      }
      const shown = viewsOf(world, views)
      for (const { id, effect, node, values } of shown)
        for (const value of values) readings.push({ effect, value, node, ...found(id, value) })
      return {
        readings,
        ...(rows.some(({ everyCommit }) => everyCommit === true) ? { snapshots } : {}),
        ...(views.length === 0 ? {} : { views: shown.map(({ effect, node }) => ({ effect, node })) }),
      }
    },
  }
}

/**
 * The rows of a query that answers at once; undefined for one that is asynchronous or fails. It is read again later,
 * and the failure is reported then.
 */
function rowsAtOnce(source: RowsSource): readonly unknown[] | undefined {
  try {
    const answer = outsideContext(() => source.query())
    return Array.isArray(answer) ? plainRows(answer) : undefined
  } catch {
    return undefined // never thrown at the handler that has just committed
  }
}

/** A view and what it shows. */
interface ShownView extends View {
  /** Different for each client. */
  readonly id: string
  readonly values: readonly unknown[]
}

/** The views of all clients that have booted the actor. */
function viewsOf(world: World, views: readonly ReadsSource[]): readonly ShownView[] {
  return views.flatMap((source) =>
    world.clients.flatMap(({ node, actors }): readonly ShownView[] => {
      const made = actors?.get(source.key)?.made
      return made === undefined
        ? []
        : [{ effect: source.name, node, id: `${source.name} ${node}`, values: valuesShown(source, made.state) }]
    }),
  )
}

/** The whole content of a view, for people. */
function contentWords(values: readonly unknown[]): string {
  return values.length === 0 ? 'nothing' : values.map((value) => inspect(value, { breakLength: Infinity })).join(', ')
}

function valuesShown(source: ReadsSource, state: unknown): readonly unknown[] {
  try {
    return plainRows(outsideContext(() => source.view(state)))
  } catch (error) {
    throw new SetupError(
      `actor("${source.actor}").reads("${source.name}"): its view failed: ${describeError(error)}. Give a ` +
        `function of the client's state that returns an array.`,
      { cause: error },
    )
  }
}

function sourceRowId(source: string, value: unknown): string {
  return `${source} ${rowId(value)}`
}

async function rowsNow(source: RowsSource): Promise<readonly unknown[]> {
  try {
    return plainRows(await outsideContext(() => source.query()))
  } catch (error) {
    throw new SetupError(
      `rows("${source.name}"): its query failed: ${error instanceof Error ? error.message : String(error)}. It is ` +
        'asked before and after each history: the test creates what it names.',
      { cause: error },
    )
  }
}

/** Plain copies of rows: node:sqlite returns rows without a prototype, and some drivers reuse their objects. */
function plainRows(rows: readonly unknown[]): readonly unknown[] {
  if (!Array.isArray(rows)) throw new Error('it gave no array')
  return rows.map((row: unknown) => (typeof row === 'object' && row !== null && !Array.isArray(row) ? { ...row } : row))
}
