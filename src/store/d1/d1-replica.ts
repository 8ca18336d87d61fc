// The replicas of D1: a session's reads may go to one that lags, never behind what that session has seen. Versions of
// the database count its commits in a history. https://developers.cloudflare.com/d1/best-practices/read-replication/
import type { StoreAge } from '../../scenario/fault/delivery.ts'
import type { World } from '../../simulate/world.ts'
import type { Store } from '../../system/store.ts'
import { d1Error } from './d1-error.ts'

/** Where the first query of a session goes: Cloudflare's `D1SessionConstraint`. */
const [primary, anywhere] = ['first-primary', 'first-unconstrained'] as const

/** One session: what it has seen at least. */
export class D1Session {
  #atLeast: number | undefined
  #bookmark: string | null = null

  /** @throws where the text is no bookmark */
  constructor(start: string) {
    if (start === primary) return
    if (start === anywhere) this.#atLeast = 0
    else {
      this.#atLeast = versionIn(start)
      this.#bookmark = start
    }
  }

  /** The oldest version that may answer; undefined where only the primary may. */
  get atLeast(): number | undefined {
    return this.#atLeast
  }

  /** What it has seen last; null before its first answer, unless it began with a bookmark. */
  get bookmark(): string | null {
    return this.#bookmark
  }

  /** An answer came, from a database of this version. */
  saw(version: number): void {
    this.#atLeast = Math.max(version, this.#atLeast ?? 0)
    this.#bookmark = bookmarkOf(this.#atLeast)
  }
}

const rest = `-${'0'.repeat(8)}-${'0'.repeat(8)}-${'0'.repeat(32)}`

/** Bookmarks sort as their versions do. */
function bookmarkOf(version: number): string {
  return version.toString(16).padStart(8, '0') + rest
}

function versionIn(bookmark: string): number {
  if (/^[0-9a-f]{8}-/.test(bookmark) && bookmark.endsWith(rest)) return Number.parseInt(bookmark, 16)
  throw d1Error(
    `"${bookmark}" is no bookmark of this database. Give withSession() what getBookmark() gave, ` +
      `'${primary}' or '${anywhere}'.`,
  )
}

/** What was answered, and by which version. */
export interface D1Answer<T> {
  readonly given: T
  readonly version: number
}

/** The versions of one database. */
export class D1Replica {
  readonly #store: Store
  readonly #early: NonNullable<Store['early']>
  /** When each version was over. */
  #of: { readonly world: World; readonly commitsMs: number[] } | undefined

  constructor(store: Store, early: NonNullable<Store['early']>) {
    this.#store = store
    this.#early = early
  }

  /** Carries out a write. */
  write<T>(world: World, run: () => T): D1Answer<T> {
    world.past.changing(this.#store)
    const given = run()
    world.past.committed(this.#store, world.nowMs)
    const commitsMs = this.#commitsIn(world)
    commitsMs.push(world.nowMs)
    return { given, version: commitsMs.length }
  }

  /** Whether a read of a session may miss something. */
  isStale(world: World, session: D1Session | undefined): boolean {
    const { faults } = this.#store
    return faults?.includes('stale') === true && (session?.atLeast ?? Infinity) < this.#commitsIn(world).length
  }

  /** Carries out a read, by a replica where that has an age. */
  read<T>(world: World, session: D1Session | undefined, age: StoreAge | undefined, run: () => T): D1Answer<T> {
    const version = this.#commitsIn(world).length
    const missed = Math.min(this.#missedBy(world, age), version - Math.min(session?.atLeast ?? version, version))
    const old = missed === 0 ? undefined : world.past.asOf(this.#store, { writes: missed }, world.nowMs)
    if (old === undefined) return { given: run(), version }
    return { given: this.#early(old.content, run), version: version - missed }
  }

  #missedBy(world: World, age: StoreAge | undefined): number {
    if (age === undefined) return 0
    if ('writes' in age) return age.writes
    return this.#commitsIn(world).filter((atMs) => atMs > world.nowMs - age.byMs).length
  }

  #commitsIn(world: World): number[] {
    if (this.#of?.world !== world) this.#of = { world, commitsMs: [] }
    return this.#of.commitsMs
  }
}
