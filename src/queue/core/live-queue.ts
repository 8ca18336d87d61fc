// A queue in a running history: its messages, who waits for them, and when they become visible. It stands at a broker,
// which never crashes. Knows no protocol: who sends and receives says so in its own words.
import type { Context, VirtualTimer } from '../../simulate/context.ts'
import type { World } from '../../simulate/world.ts'
import { durationWords } from '../../plain/time.ts'
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
  timer: VirtualTimer | undefined
}

export class LiveQueue {
  readonly definition: QueueDefinition
  readonly #world: World
  readonly #queue: MessageQueue
  readonly #dead: LiveQueue | undefined
  readonly #kept = new Map<QueuedMessage, Kept>()
  readonly #waiting = new Set<Waiter>()
  readonly #pumps = new Map<string, () => void>()

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
    this.#kept.set(sent, { context, timer: undefined })
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
  take(most: number, visibilityMs?: number): readonly QueuedMessage[] {
    const { nowMs, lasso } = this.#world
    const given = this.#queue.receive(most, nowMs, visibilityMs)
    // A message that is received for ever is a loop; one that goes elsewhere in the end is not
    if (given.length > 0 && this.definition.rules.maxReceives !== undefined) lasso.changed()
    for (const message of given) this.#watch(message)
    return given
  }

  /** Its consumer is done with a message. */
  delete(message: QueuedMessage): void {
    this.#forget(message)
    this.#queue.delete(message)
    this.#world.lasso.changed()
    this.#offer() // the next one of its group
  }

  /** A message that is out becomes visible after so long; 0: at once. */
  hide(message: QueuedMessage, forMs: number): void {
    this.#queue.hide(message, forMs, this.#world.nowMs)
    if (forMs > 0) return this.#watch(message)
    this.#kept.get(message)?.timer?.cancel()
    this.#visible(message)
  }

  /** Deletes all messages. */
  purge(): void {
    for (const message of this.#kept.keys()) this.#forget(message)
    this.#queue.purge()
    this.#world.lasso.changed()
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
    if (this.#pumps.has(name)) return
    this.#pumps.set(name, pump)
    pump()
  }

  #forget(message: QueuedMessage): void {
    this.#kept.get(message)?.timer?.cancel()
    this.#kept.delete(message)
  }

  /** Wakes those who wait when a message becomes visible. */
  #watch(message: QueuedMessage): void {
    const kept = this.#kept.get(message)
    if (kept === undefined) return
    kept.timer?.cancel()
    const forMs = message.visibleAtMs - this.#world.nowMs
    const over = (): void => {
      kept.timer = undefined
      if (message.received > 0) this.#tell(message, `not acknowledged in ${durationWords(forMs)}`)
      this.#visible(message)
    }
    kept.timer = forMs > 0 ? kept.context.host.arm(kept.context, forMs, over, false) : undefined
  }

  #visible(message: QueuedMessage): void {
    for (const dead of this.#queue.takeDead(this.#world.nowMs)) {
      const kept = this.#kept.get(dead)
      this.#tell(dead, `to the dead letters, after ${dead.received} tries`)
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

  #tell(message: QueuedMessage, text: string): void {
    const context = this.#kept.get(message)?.context
    if (context !== undefined) this.#world.printed(context, `${text}: ${this.definition.name} ${message.body}`)
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
