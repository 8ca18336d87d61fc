// One queue as a broker keeps it: at least once, visibility time, receive counts, dead letters, groups in order,
// deduplication. A state machine over virtual time that is told what time it is. Knows no simulation and no protocol.

/** What a queue promises. All times are in milliseconds. */
export interface QueueRules {
  /** How long a message that was received is not given to anybody else. */
  readonly visibilityMs: number
  /** How long a new message waits before anybody gets it. */
  readonly delayMs: number
  /** How often a message is received at most before it goes to the dead letters. Undefined: there is no limit. */
  readonly maxReceives: number | undefined
  /** Whether each group is in order, and blocked while one of its messages is out. */
  readonly fifo: boolean
}

/** A message as it is sent. */
export interface NewMessage {
  /** Who sends the same one again gives the same id. */
  readonly id: string
  readonly body: string
  /** What a protocol keeps with it. */
  readonly attributes?: unknown
  /** The group that it is in order with. Read where the queue is in order. */
  readonly group?: string
  /** Another message with the same id is the same message for five minutes. Read where the queue is in order. */
  readonly deduplicationId?: string
  /** @default the queue's own */
  readonly delayMs?: number
}

/** A message that a queue keeps. */
export interface QueuedMessage extends NewMessage {
  /** Its place among all messages of the queue, from 1. */
  readonly sequence: number
  readonly sentAtMs: number
  /** From when on it may be received; while it is out, when its time is over. */
  visibleAtMs: number
  received: number
  firstReceivedAtMs: number | undefined
  /** Names its last reception; undefined before the first. */
  receipt: string | undefined
}

/** What a receipt is good for: nothing where the message is gone, or was given to somebody else since. */
export type ReceiptState = 'out' | 'expired' | 'replaced' | 'gone'

/** How long a queue in order remembers deduplication ids, in milliseconds (Amazon SQS, "Exactly-once processing"). */
const remembersForMs = 300_000

export class MessageQueue {
  readonly rules: QueueRules
  readonly #messages = new Map<number, QueuedMessage>()
  readonly #seen = new Map<string, { readonly message: QueuedMessage; readonly atMs: number }>()
  readonly #byReceipt = new Map<string, QueuedMessage>()
  #sent = 0

  constructor(rules: QueueRules) {
    this.rules = rules
  }

  /** All messages that are not deleted, in order. */
  get messages(): readonly QueuedMessage[] {
    return [...this.#messages.values()]
  }

  /** How many messages are not deleted. */
  get size(): number {
    return this.#messages.size
  }

  /** Keeps a message, unless the queue has it already. Returns the one that it keeps. */
  send(message: NewMessage, nowMs: number): QueuedMessage {
    const known = this.#known(message, nowMs)
    if (known !== undefined) return known
    this.#sent += 1
    const { delayMs = this.rules.delayMs } = message
    const kept: QueuedMessage = {
      ...message,
      sequence: this.#sent,
      sentAtMs: nowMs,
      visibleAtMs: nowMs + delayMs,
      received: 0,
      firstReceivedAtMs: undefined,
      receipt: undefined,
    }
    this.#messages.set(kept.sequence, kept)
    if (this.rules.fifo && message.deduplicationId !== undefined)
      this.#seen.set(message.deduplicationId, { message: kept, atMs: nowMs })
    return kept
  }

  #known({ deduplicationId }: NewMessage, nowMs: number): QueuedMessage | undefined {
    if (!this.rules.fifo || deduplicationId === undefined) return undefined
    const seen = this.#seen.get(deduplicationId)
    return seen !== undefined && nowMs - seen.atMs < remembersForMs ? seen.message : undefined
  }

  /** Gives out at most so many messages that are visible, in order. */
  receive(most: number, nowMs: number, visibilityMs: number = this.rules.visibilityMs): readonly QueuedMessage[] {
    const given = this.visible(nowMs).slice(0, most)
    for (const message of given) {
      message.received += 1
      message.firstReceivedAtMs ??= nowMs
      message.visibleAtMs = nowMs + visibilityMs
      message.receipt = `${message.id}.${message.sequence}.${message.received}`
      this.#byReceipt.set(message.receipt, message)
    }
    return given
  }

  /** What could be received now, in order. A group is blocked by a message that is out, or not to be seen yet. */
  visible(nowMs: number): readonly QueuedMessage[] {
    const blocked = new Set<string>()
    const found: QueuedMessage[] = []
    for (const message of this.#messages.values()) {
      const isVisible = message.visibleAtMs <= nowMs
      const { group = '' } = message
      if (this.rules.fifo && !isVisible) blocked.add(group)
      if (isVisible && !(this.rules.fifo && blocked.has(group))) found.push(message)
    }
    return found
  }

  /** What a receipt is good for now. */
  stateOf(receipt: string, nowMs: number): ReceiptState {
    const message = this.#byReceipt.get(receipt)
    if (message === undefined || !this.#messages.has(message.sequence)) return 'gone'
    if (message.receipt !== receipt) return 'replaced'
    return message.visibleAtMs > nowMs ? 'out' : 'expired'
  }

  /** The message of a receipt, whatever that is good for. */
  of(receipt: string): QueuedMessage | undefined {
    return this.#byReceipt.get(receipt)
  }

  /** Forgets a message: its consumer is done with it, or it went elsewhere. */
  delete({ sequence }: QueuedMessage): void {
    this.#messages.delete(sequence)
  }

  /** A message that is out is to be seen after so long; 0: at once. */
  hide(message: QueuedMessage, forMs: number, nowMs: number): void {
    message.visibleAtMs = nowMs + forMs
  }

  /** Takes out what was received too often and came back. */
  takeDead(nowMs: number): readonly QueuedMessage[] {
    const { maxReceives = Infinity } = this.rules
    const dead = this.messages.filter(({ received, visibleAtMs }) => received >= maxReceives && visibleAtMs <= nowMs)
    for (const message of dead) this.delete(message)
    return dead
  }

  /** Forgets all messages. */
  purge(): void {
    this.#messages.clear()
  }
}
