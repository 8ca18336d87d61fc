// A batch as a Worker gets it, and what the Worker says of each message: acknowledged, to be tried again, or nothing.
// Knows no simulation.

/** A message of a batch, as it is carried to the Worker. */
export interface CarriedMessage {
  readonly id: string
  readonly sentAtMs: number
  readonly body: unknown
  readonly attempts: number
}

/** What becomes of a message. */
export type CloudflareOutcome =
  { readonly kind: 'acknowledged' } | { readonly kind: 'again'; readonly delayMs?: number }

interface RetryOptions {
  readonly delaySeconds?: number
}

/** A batch, and what was said of its messages so far. */
export class CloudflareBatch {
  readonly queue: string
  readonly messages: readonly object[]
  readonly #said: (CloudflareOutcome | undefined)[]
  #saidOfAll: CloudflareOutcome | undefined

  constructor(queue: string, carried: readonly CarriedMessage[]) {
    this.queue = queue
    this.#said = carried.map(() => undefined)
    this.messages = carried.map(({ id, sentAtMs, body, attempts }, index) => ({
      id,
      timestamp: new Date(sentAtMs),
      body,
      attempts,
      ack: () => this.#say(index, { kind: 'acknowledged' }),
      retry: (options?: RetryOptions) => this.#say(index, again(options)),
    }))
  }

  ackAll(): void {
    this.#saidOfAll ??= { kind: 'acknowledged' }
  }

  retryAll(options?: RetryOptions): void {
    this.#saidOfAll ??= again(options)
  }

  /** What becomes of each message, once the Worker has returned, or thrown. What was said first of a message counts. */
  outcomes(threw: boolean): readonly CloudflareOutcome[] {
    const rest = this.#saidOfAll ?? (threw ? again() : { kind: 'acknowledged' as const })
    return this.#said.map((said) => said ?? rest)
  }

  #say(index: number, outcome: CloudflareOutcome): void {
    this.#said[index] ??= outcome
  }
}

function again({ delaySeconds }: RetryOptions = {}): CloudflareOutcome {
  return delaySeconds === undefined ? { kind: 'again' } : { kind: 'again', delayMs: 1_000 * delaySeconds }
}
