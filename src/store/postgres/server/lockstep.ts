// A real server in step with a simulation: at most one of its backends runs. One that waits for a lock is stopped by a
// signal until somebody has granted it, so that who goes on first is the simulation's to say. Real I/O, real time;
// knows no virtual time.
import { startStopwatch } from '../../../plain/stopwatch.ts'
import { outsideContext } from '../../../simulate/context.ts'
import { afterRealMs } from '../../../simulate/drain.ts'
import { message } from '../messages.ts'
import type { TextRows } from '../sql-procedure.ts'
import { Backend } from './backend.ts'

/** A session that has a backend. */
export interface StandingSession {
  readonly backend: Backend
  /** `granted`: it has what it waited for, and still stands. */
  state: 'idle' | 'running' | 'blocked' | 'granted'
  /** Its statement has what it waited for. */
  granted(): void
}

/** How long a statement may run before somebody asks what it waits for, in milliseconds of real time. */
const firstMs = 1
/** The longest pause between two questions. */
const longestMs = 20
/** After so long somebody outside must hold the lock. */
const capMs = 20_000

/** What ends a session. The last one lets others see what it counted. */
const forgetting = ['rollback', 'discard all', 'select pg_stat_force_next_flush()']

/** One server. */
export class Lockstep {
  readonly #folder: string
  readonly #control: Backend
  readonly #free: Backend[] = []
  readonly #taken = new Set<StandingSession>()
  /** In the order in which they began to wait. */
  readonly #blocked: StandingSession[] = []
  #last: Promise<unknown> = Promise.resolve()

  constructor(folder: string, control: Backend) {
    this.#folder = folder
    this.#control = control
  }

  /** Does real work after all that was begun before. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return outsideContext(() => {
      const done = this.#last.then(work)
      this.#last = done.catch(() => undefined) // who began it hears of it
      return done
    })
  }

  /** Asks by a connection of its own. */
  ask(sql: string): Promise<TextRows> {
    return this.#control.ask(sql)
  }

  /** The same for several texts at once, the rows of each. */
  askEach(texts: readonly string[]): Promise<readonly TextRows[]> {
    return this.#control.askEach(texts)
  }

  get parameters(): Readonly<Record<string, string>> {
    return this.#control.parameters
  }

  /** A backend for a new session. */
  async backend(): Promise<Backend> {
    return this.#free.pop() ?? Backend.open(this.#folder)
  }

  /** A session has begun. */
  took(session: StandingSession): void {
    this.#taken.add(session)
  }

  /** A session has ended: what it left open is rolled back, and what belonged to it is gone. */
  async gaveBack(session: StandingSession): Promise<void> {
    const { backend } = session
    if (!this.#taken.delete(session)) return
    // A Sync ends what was begun without one
    await backend.askEach(forgetting, message('S'))
    this.#free.push(backend)
    await this.grants()
  }

  /** Waits until a session has its answer, or waits for another that stands still. */
  async settle(session: StandingSession, answered: Promise<unknown>): Promise<'answered' | 'blocked'> {
    let isAnswered = false
    const noted = answered.then(
      () => {
        isAnswered = true
      },
      () => {
        isAnswered = true
      },
    )
    const waited = startStopwatch()
    for (let wait = firstMs; ; wait = wait === firstMs ? 0.2 : Math.min(wait * 2, longestMs)) {
      await within(noted, wait)
      if (isAnswered) return 'answered'
      const blockers = await this.#blockersOf(session)
      if (isAnswered) return 'answered'
      const holders = blockers.map((pid) => this.#ofPid(pid))
      if (
        blockers.length > 0 &&
        holders.every((one) => one !== undefined && one !== session && one.state !== 'running')
      )
        return this.#stop(session)
      if (waited.elapsedMs() > capMs) throw await this.#tooLong(session, blockers)
    }
  }

  /** A stopped session goes on. */
  goOn(session: StandingSession): void {
    const at = this.#blocked.indexOf(session)
    if (at !== -1) this.#blocked.splice(at, 1)
    session.state = 'running'
    process.kill(session.backend.pid, 'SIGCONT')
  }

  /** Its statement ends with an error, wherever it is. */
  async cancel({ backend }: StandingSession): Promise<void> {
    await this.#control.ask(`select pg_cancel_backend(${backend.pid})`)
  }

  /** Looks who has got what it waits for, after something ended. */
  async grants(): Promise<void> {
    const waiting = this.#blocked.filter(({ state }) => state === 'blocked')
    if (waiting.length === 0) return
    const asked = waiting.map(({ backend: { pid } }) => `cardinality(pg_blocking_pids(${pid}))`)
    const [row = []] = await this.#control.ask(`select ${asked.join(', ')}`)
    for (const [index, session] of waiting.entries())
      if (row[index] === '0') {
        session.state = 'granted'
        session.granted()
      }
  }

  /** Whether a session waits for itself, by way of others: a deadlock. */
  async isInCycle(session: StandingSession): Promise<boolean> {
    const seen = new Set<StandingSession>()
    const reaches = async (from: StandingSession): Promise<boolean> => {
      for (const pid of await this.#blockersOf(from)) {
        const next = this.#ofPid(pid)
        if (next === session) return true
        if (next === undefined || seen.has(next) || next.state !== 'blocked') continue
        seen.add(next)
        if (await reaches(next)) return true
      }
      return false
    }
    return session.state === 'blocked' && reaches(session)
  }

  /** Who holds what a session waits for. */
  async holdersOf(session: StandingSession): Promise<readonly StandingSession[]> {
    return (await this.#blockersOf(session)).flatMap((pid) => this.#ofPid(pid) ?? [])
  }

  close(): void {
    for (const { backend } of this.#taken) backend.close()
    for (const backend of this.#free.splice(0)) backend.close()
    this.#control.close()
  }

  #stop(session: StandingSession): 'blocked' {
    process.kill(session.backend.pid, 'SIGSTOP')
    session.state = 'blocked'
    this.#blocked.push(session)
    return 'blocked'
  }

  async #blockersOf({ backend }: StandingSession): Promise<readonly number[]> {
    const rows = await this.#control.ask(`select unnest(pg_blocking_pids(${backend.pid}))`)
    return [...new Set(rows.map(([pid]) => Number(pid)))]
  }

  #ofPid(pid: number): StandingSession | undefined {
    for (const session of this.#taken) if (session.backend.pid === pid) return session
    return undefined
  }

  async #tooLong({ backend }: StandingSession, blockers: readonly number[]): Promise<Error> {
    const named = await this.#control.ask(
      `select pid, query from pg_stat_activity where pid in (${[0, ...blockers].join(', ')})`,
    )
    const others = named.map(([pid, query]) => `process ${pid} (its last statement: ${query})`)
    return new Error(
      `PostgreSQL took over ${capMs / 1_000} s of real time for a statement. ` +
        (others.length === 0
          ? 'No lock holds it up: is it a long computation?'
          : `It waits for a lock of ${others.join(' and ')}, which is no connection of the simulation. End that ` +
            'transaction before the test: a migration, say, or psql.') +
        ` (backend ${backend.pid})`,
    )
  }
}

/** Resolves when a promise does, or so many milliseconds of real time later. */
function within(done: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = afterRealMs(ms, resolve)
    void done.then(() => {
      cancel()
      resolve()
    })
  })
}
