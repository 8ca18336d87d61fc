// A client's session on a real server: a backend of its own, told the virtual time. While it waits for a lock, virtual
// time goes on; deadlocks are looked for, and time limits kept, in virtual time.
import { bug } from '../../../plain/bug.ts'
import { current, type Context, type VirtualTimer } from '../../../simulate/context.ts'
import type { World } from '../../../simulate/world.ts'
import { idledOut } from '../connection-error.ts'
import { greetingOf } from '../greeting.ts'
import { lengthOf, message, textsIn, type WireMessage } from '../messages.ts'
import type { OpenTransaction } from '../sessions.ts'
import { committedNow, type DatabaseCall } from '../statement-call.ts'
import type { Unit, UnitEnd, WireSession } from '../wire-session.ts'
import { answerOf, unitOf, type Cancelled, type SentUnit } from './answer-of.ts'
import { Preludes } from './preludes.ts'
import { limitMs, rewritten, setsLimit } from './rewritten.ts'
import type { ServerCalls, SessionOfServer } from './server-calls.ts'
import type { StandingSession } from './lockstep.ts'

/** PostgreSQL looks for a deadlock when somebody has waited so long (`deadlock_timeout`). */
const deadlockMs = 1_000

/** Why a statement that waits for a lock goes on. */
type Woken = 'granted' | Cancelled

const deadlock: Cancelled = { code: '40P01', words: 'deadlock detected' }
const locked: Cancelled = { code: '55P03', words: 'canceling statement due to lock timeout' }
const timedOut: Cancelled = { code: '57014', words: 'canceling statement due to statement timeout' }
const cancelled: Cancelled = { code: '57014', words: 'canceling statement due to user request' }

/** One session. */
export class ServerSession implements WireSession, SessionOfServer {
  readonly greeting: Uint8Array
  closes: WireSession['closes']
  /** Its number in this history, from 1: its process id, as far as code can see. */
  readonly nth: number
  readonly #calls: ServerCalls
  #asked: readonly string[] = []
  readonly #preludes = new Preludes()
  #standing: StandingSession | undefined
  /** The transaction, and who is behind it. */
  of: OpenTransaction | undefined
  /** The database's own context of its last statement. */
  #own: Context | undefined
  /** A statement of it runs, or waits. */
  #isBusy = false
  #isUnsynced = false
  #isOver = false
  /** It may have set a time limit: they are read before each statement. */
  #hasLimits = false
  /** What it carries out, or has last carried out. */
  #sent: SentUnit | undefined
  /** Set while its transaction may not be idle for ever. */
  #idle: VirtualTimer | undefined
  /** Set while it waits for a lock. */
  #wake: ((why: Woken) => void) | undefined

  constructor(calls: ServerCalls) {
    this.#calls = calls
    this.nth = calls.began(this)
    this.greeting = greetingOf(calls.lockstep.parameters, this.nth)
  }

  begin(asked: readonly string[]): void {
    this.#asked = asked.map(rewritten)
    this.#hasLimits = asked.some(setsLimit)
  }

  look(text: string): void {
    this.#calls.look(text)
    this.#hasLimits ||= setsLimit(text)
  }

  adapted({ kind, body, bytes }: WireMessage): Uint8Array {
    if (kind === 'Q') return message('Q', rewritten(textsIn(body, 1)[0] ?? ''))
    if (kind !== 'P') return bytes
    const [name = '', sql = ''] = textsIn(body, 2)
    return message('P', name, rewritten(sql), body.subarray(lengthOf(name) + lengthOf(sql)))
  }

  issue(call: DatabaseCall): void {
    this.#calls.issue(call, this)
  }

  /** The unit that comes next is refused by a database that takes no writes. */
  refuse(): void {
    this.#preludes.refuse()
  }

  async carryOut(of: OpenTransaction, unit: Unit): Promise<Uint8Array> {
    const own = current() ?? bug('a statement outside a simulation')
    const world = own.host as World // the only Host that lends contexts is a World
    const sent = unitOf(unit)
    this.of = of
    this.#own = own
    this.#sent = sent
    this.#isBusy = true
    this.#idle?.cancel()
    try {
      const begunMs = world.nowMs
      const standing = (this.#standing ??= await this.#really(() => this.#stand(own)))
      let how = await this.#really(() => this.#send(standing, sent, unit.text, own, world.nowMs))
      let why: Cancelled | undefined
      while (how === 'blocked') {
        const woken = await this.#waits(unit, sent, world, begunMs)
        why = woken === 'granted' ? undefined : woken
        how = await this.#really(() => this.#goOn(standing, sent, why))
      }
      return answerOf(sent, why)
    } finally {
      this.#isBusy = false
      if (this.#isOver) this.#giveBack()
    }
  }

  ended(of: OpenTransaction, _: Unit, { status, undone }: UnitEnd): void {
    this.#isUnsynced = status === undefined
    if (status === 'I' && of.isDirty && !undone) committedNow()
    const own = this.#own
    const idleMs = this.#hasLimits ? limitMs(this.#sent?.limits?.[2]) : 0
    if (own !== undefined && idleMs > 0 && (status === 'T' || status === 'E'))
      this.#idle = own.host.arm(own, idleMs, () => this.#idledOut(), false)
  }

  leave(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#idle?.cancel()
    if (!this.#isBusy) this.#giveBack()
  }

  cancel(processId: number): void {
    this.#calls.session(processId)?.cancelled()
  }

  /** Somebody asks for its statement to be cancelled. Only one that waits for a lock runs for any time. */
  cancelled(): void {
    this.#wake?.(cancelled)
  }

  /** The history is over: whatever it waits for, it ends. */
  async stop(): Promise<void> {
    const { lockstep } = this.#calls
    this.#isOver = true
    await lockstep.alone(async () => {
      const standing = this.#standing
      if (standing === undefined) return
      if (standing.state === 'blocked' || standing.state === 'granted') {
        await lockstep.cancel(standing)
        lockstep.goOn(standing)
        await this.#sent?.answered?.catch(() => undefined)
      }
      standing.state = 'idle'
      await this.#release()
    })
  }

  /** Real work, as a step of its own: it begins when that comes, and nothing else happens until it is done. */
  async #really<T>(work: () => Promise<T>): Promise<T> {
    const own = this.#own ?? bug('a session without a statement')
    const world = own.host as World // the only Host that lends contexts is a World
    await world.later(own, () => undefined)
    const done = world.works(own, `PostgreSQL ("${this.#calls.name}")`)
    try {
      return await this.#calls.lockstep.alone(work)
    } finally {
      done()
    }
  }

  async #stand(own: Context): Promise<StandingSession> {
    const backend = await this.#calls.backend()
    const standing: StandingSession = { backend, state: 'idle', granted: () => this.#wake?.('granted') }
    this.#calls.lockstep.took(standing)
    this.#preludes.first = [this.#calls.first(this.nth, own), ...this.#asked]
    return standing
  }

  #send(
    standing: StandingSession,
    sent: SentUnit,
    text: string,
    { life }: Context,
    nowMs: number,
  ): Promise<'answered' | 'blocked'> {
    const { backend } = standing
    const moment = {
      now: new Date(life.clock.wallMs(nowMs)).toISOString(),
      ...{ text, readsClock: this.#calls.readsClock, isUnsynced: this.#isUnsynced },
    }
    const preludes = this.#preludes.next(backend, moment)
    standing.state = 'running'
    return this.#settled(
      standing,
      sent.send(backend, preludes, this.#hasLimits && !this.#isUnsynced && backend.status !== 'E'),
    )
  }

  async #goOn(
    standing: StandingSession,
    { answered }: SentUnit,
    why: Cancelled | undefined,
  ): Promise<'answered' | 'blocked'> {
    const { lockstep } = this.#calls
    const answer = answered ?? bug('nothing was sent')
    if (why === undefined) {
      lockstep.goOn(standing)
      return this.#settled(standing, answer)
    }
    await lockstep.cancel(standing)
    lockstep.goOn(standing)
    await answer // until it has seen that it is cancelled it still counts as waiting
    return this.#rests(standing)
  }

  async #settled(standing: StandingSession, answered: Promise<unknown>): Promise<'answered' | 'blocked'> {
    const { lockstep } = this.#calls
    const how = await lockstep.settle(standing, answered)
    if (how === 'blocked') return how
    const rested = await this.#rests(standing)
    await answered // it may have failed
    return rested
  }

  async #rests(standing: StandingSession): Promise<'answered'> {
    standing.state = 'idle'
    await this.#calls.lockstep.grants()
    return 'answered'
  }

  /** Virtual time goes on until it has what it waits for, or must not wait any longer. */
  async #waits(unit: Unit, sent: SentUnit, world: World, begunMs: number): Promise<Woken> {
    const own = this.#own ?? bug('a session without a statement')
    const timers: VirtualTimer[] = []
    const limits = this.#hasLimits ? sent.limits : undefined
    const woken = new Promise<Woken>((resolve) => {
      const wake = (why: Woken): void => {
        this.#wake = undefined
        for (const timer of timers) timer.cancel()
        resolve(why)
      }
      this.#wake = wake
      const after = (ms: number, then: () => void): void => {
        timers.push(world.arm(own, Math.max(ms, 0), then, false))
      }
      after(deadlockMs, () => void this.#lookForDeadlock(wake))
      const [lock, statement] = [limitMs(limits?.[0]), limitMs(limits?.[1])]
      if (lock > 0) after(lock, () => wake(locked))
      if (statement > 0) after(begunMs + statement - world.nowMs, () => wake(timedOut))
    })
    unit.context.host.printed(unit.context, await this.#really(() => this.#waitsFor()))
    const why = await woken
    await world.later(own, () => undefined)
    return why
  }

  async #waitsFor(): Promise<string> {
    const holders = this.#standing === undefined ? [] : await this.#calls.lockstep.holdersOf(this.#standing)
    const names = holders.flatMap((one) => this.#calls.nodeOf(one) ?? [])
    return `waits for a lock${names.length === 0 ? '' : ` of ${[...new Set(names)].join(' and ')}`}`
  }

  async #lookForDeadlock(wake: (why: Woken) => void): Promise<void> {
    const standing = this.#standing
    if (standing === undefined) return
    const found = await this.#really(() => this.#calls.lockstep.isInCycle(standing))
    if (found && this.#wake === wake) wake(deadlock)
  }

  #giveBack(): void {
    if (this.#standing !== undefined) void this.#really(() => this.#release())
  }

  /** Its transaction was idle for too long (`idle_in_transaction_session_timeout`). */
  #idledOut(): void {
    this.leave()
    this.closes?.(idledOut())
  }

  async #release(): Promise<void> {
    const standing = this.#standing
    this.#standing = undefined
    if (standing === undefined) return
    this.#calls.gaveBack()
    await this.#calls.lockstep.gaveBack(standing)
  }

  /** The client has gone. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Whether this is what it has of the server. */
  isAt(standing: StandingSession): boolean {
    return this.#standing === standing
  }
}
