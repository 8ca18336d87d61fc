// A queue in a running history: its messages, who waits for them, and when they become visible. It stands at a broker,
// which never crashes. Knows no protocol: who sends and receives says so in its own words.
import type { Context, VirtualTimer } from '../../simulate/context.ts'
import type { Step } from '../../simulate/scheduler.ts'
import { SetupError } from '../../simulate/setup-error.ts'
import type { World } from '../../simulate/world.ts'
import { durationWords } from '../../plain/time.ts'
import { againHint, deadHint, givenUpHint, tooSoonHint } from './message-hints.ts'
import { MessageQueue, type NewMessage, type QueuedMessage, type QueueRules } from './message-queue.ts'

/** A queue as the user declares it. */
export interface QueueDefinition {
  readonly name: string
  readonly rules: QueueRules
  /** Where messages go that were received too often. */
  readonly deadLetters?: QueueDefinition
}

/** Somebody who waits for messages. */
interface Waiter {
  readonly most: number
  readonly visibilityMs: number | undefined
  give(messages: readonly QueuedMessage[]): void
}

/** What stands beside a message while it is kept. */
interface Kept {
  /** The call that brought it, at the broker. */
  readonly context: Context
  /** Its consumer has said that it does not accept it. */
  isRefused: boolean
  timer: VirtualTimer | undefined
}

/** Nobody polls more rarely, in milliseconds. */
const lonelyMs = 3_600_000

export class LiveQueue {
  readonly definition: QueueDefinition
  readonly #world: World
  readonly #queue: MessageQueue
  readonly #dead: LiveQueue | undefined
  readonly #kept = new Map<QueuedMessage, Kept>()
  readonly #waiting = new Set<Waiter>()
  readonly #pumps = new Map<string, () => void>()
  /** Somebody has asked for messages, or is pushed to. */
  #isConsumed = false
  #lonely: Step | undefined

  constructor(world: World, definition: QueueDefinition, dead: LiveQueue | undefined) {
    this.definition = definition
    this.#world = world
    this.#queue = new MessageQueue(definition.rules)
    this.#dead = dead
  }

  get queue(): MessageQueue {
    return this.#queue
  }

  /** Keeps a message, which a call at the broker brings. */
  send(context: Context, message: NewMessage): QueuedMessage {
    const { size } = this.#queue
    const sent = this.#queue.send(message, this.#world.nowMs)
    if (this.#queue.size === size) return sent // the queue has it already
    this.#kept.set(sent, { context, isRefused: false, timer: undefined })
    this.#world.lasso.changed()
    if (sent.visibleAtMs > this.#world.nowMs) this.#watch(sent)
    this.#offer()
    return sent
  }

  /** Gives messages that are visible, or waits for the first of them. `gone`: who asked has left. */
  receive(
    context: Context,
    {
      most,
      waitMs,
      visibilityMs,
      gone,
    }: {
      readonly most: number
      readonly waitMs: number
      readonly visibilityMs?: number | undefined
      readonly gone?: AbortSignal | undefined
    },
  ): Promise<readonly QueuedMessage[]> {
    this.#consumed()
    const found = this.take(most, visibilityMs)
    if (found.length > 0 || waitMs <= 0) return Promise.resolve(found)
    return new Promise((resolve) => {
      const waiter: Waiter = {
        most,
        visibilityMs,
        give: (messages) => {
          this.#waiting.delete(waiter)
          limit.cancel()
          resolve(messages)
        },
      }
      const limit = context.host.arm(context, waitMs, () => waiter.give([]), false)
      this.#waiting.add(waiter)
      gone?.addEventListener('abort', () => waiter.give([]), { once: true })
    })
  }

  /** Gives out what is visible now. */
  take(most: number, visibilityMs: number = this.definition.rules.visibilityMs): readonly QueuedMessage[] {
    const { nowMs, lasso } = this.#world
    const given = this.#queue.receive(most, nowMs, visibilityMs)
    // A message that is received for ever is a loop; one that goes elsewhere in the end is not
    if (given.length > 0 && this.definition.rules.maxReceives !== undefined) lasso.changed()
    for (const message of given) {
      const kept = this.#kept.get(message)
      if (kept !== undefined) kept.isRefused = false
      this.#watch(message, visibilityMs)
    }
    return given
  }

  /** Its consumer does not accept a message, which comes again when its time is over. */
  refused(message: QueuedMessage): void {
    const kept = this.#kept.get(message)
    if (kept !== undefined) kept.isRefused = true
  }

  /** Its consumer is done with a message. `ifMissing`: what helps where its work was not done. */
  delete(message: QueuedMessage, ifMissing: string = tooSoonHint(this.definition.name)): void {
    this.#world.notes.push({ event: -1, text: message.body, ifMissing })
    this.#forget(message)
    this.#queue.delete(message)
    this.#world.lasso.changed()
    this.#offer() // the next one of its group
  }

  /** A message that is out stays so for so long; 0: it becomes visible at once. */
  hide(message: QueuedMessage, forMs: number): void {
    this.#queue.hide(message, forMs, this.#world.nowMs)
    this.#watch(message, forMs)
  }

  /** A message that is out comes again after so long: its consumer wants so. */
  again(message: QueuedMessage, afterMs: number): void {
    this.#queue.hide(message, afterMs, this.#world.nowMs)
    this.#watch(message)
  }

  /** Nobody has received these: it was no try. They come again after so long. */
  giveBack(messages: readonly QueuedMessage[], afterMs: number): void {
    for (const message of messages) {
      message.received -= 1
      this.again(message, afterMs)
    }
  }

  /** Deletes all messages. */
  purge(): void {
    for (const message of this.#kept.keys()) this.#forget(message)
    this.#queue.purge()
    this.#world.lasso.changed()
  }

  /** How many messages could be received now. */
  get visible(): number {
    return this.#queue.visible(this.#world.nowMs).length
  }

  /** What was sent first of all that could be received now, as the call that brought it. */
  get firstVisible(): Context | undefined {
    const [first] = this.#queue.visible(this.#world.nowMs)
    return first === undefined ? undefined : this.#kept.get(first)?.context
  }

  /**
   * Somebody is pushed to, and does not ask: called when there may be something to give out. Once for each name, by
   * which a process that starts again is known.
   */
  subscribe(name: string, pump: () => void): void {
    this.#consumed()
    if (this.#pumps.has(name)) return
    this.#pumps.set(name, pump)
    pump()
  }

  /** A test puts messages in, so that somebody should take them out. Ends the history where nobody does. */
  expectConsumer(): void {
    const world = this.#world
    if (this.#isConsumed || this.#lonely !== undefined) return
    const { name } = this.definition
    const told = (): void => {
      if (world.fired.length > 0) return // whoever does may be down
      world.fail(
        new SetupError(
          `Messages were put into the queue "${name}", and nobody has asked for them in ${durationWords(lonelyMs)}. ` +
            'Does a node consume it, by this name? Let a worker poll it, or give it to sqsLambda or cloudflareWorker.',
        ),
      )
    }
    this.#lonely = world.scheduler.add(world.nowMs + lonelyMs, told, 'timer', () => `nobody consumes ${name}`)
  }

  #consumed(): void {
    if (this.#isConsumed) return
    this.#isConsumed = true
    if (this.#lonely !== undefined) this.#world.scheduler.cancel(this.#lonely)
  }

  #forget(message: QueuedMessage): void {
    this.#kept.get(message)?.timer?.cancel()
    this.#kept.delete(message)
  }

  /** Wakes those who wait when a message becomes visible. `hiddenMs`: how long its consumer had to acknowledge it. */
  #watch(message: QueuedMessage, hiddenMs?: number): void {
    const kept = this.#kept.get(message)
    if (kept === undefined) return
    kept.timer?.cancel()
    kept.timer = undefined
    const forMs = message.visibleAtMs - this.#world.nowMs
    if (forMs <= 0) return this.#visible(message)
    const over = (): void => {
      kept.timer = undefined
      this.#queue.hide(message, 0, this.#world.nowMs) // by the clock of who keeps it, which may be fast
      if (hiddenMs !== undefined) this.#tellAgain(message, durationWords(hiddenMs))
      this.#visible(message)
    }
    if (forMs < Infinity) kept.timer = kept.context.host.arm(kept.context, forMs, over, false)
  }

  #visible(message: QueuedMessage): void {
    for (const dead of this.#queue.takeDead(this.#world.nowMs)) {
      const kept = this.#kept.get(dead)
      this.#tellDead(dead, `after ${dead.received} tries`)
      this.#forget(dead)
      if (kept !== undefined) this.#dead?.send(kept.context, fresh(dead))
      this.#world.lasso.changed()
    }
    if (message.visibleAtMs <= this.#world.nowMs) this.#offer()
  }

  /** Gives messages to those who wait, the first one first. */
  #offer(): void {
    for (const waiter of this.#waiting) {
      const found = this.take(waiter.most, waiter.visibilityMs)
      if (found.length === 0) break
      waiter.give(found)
    }
    for (const pump of this.#pumps.values()) pump()
  }

  #tellAgain(message: QueuedMessage, time: string): void {
    const isRefused = this.#kept.get(message)?.isRefused === true // its consumer has told why
    this.#tell(message, `not acknowledged in ${time}`, isRefused ? undefined : againHint(this.definition.name, time))
  }

  #tellDead(message: QueuedMessage, when: string): void {
    const { name } = this.definition
    if (this.#dead === undefined) this.#tell(message, `given up, ${when}`, givenUpHint(name, when))
    else this.#tell(message, `to the dead letters, ${when}`, deadHint(name, when))
  }

  #tell(message: QueuedMessage, text: string, hint: string | undefined): void {
    const context = this.#kept.get(message)?.context
    if (context !== undefined) this.#world.printed(context, `${text}: ${this.definition.name} ${message.body}`, hint)
  }
}

/** The message as another queue gets it. */
function fresh({ id, body, attributes, group, deduplicationId }: QueuedMessage): NewMessage {
  return {
    id,
    body,
    delayMs: 0,
    ...(attributes === undefined ? {} : { attributes }),
    ...(group === undefined ? {} : { group }),
    ...(deduplicationId === undefined ? {} : { deduplicationId }),
  }
}
