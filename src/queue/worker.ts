// worker: a process that takes no requests: a consumer that polls a queue, a scheduler, a relay of an outbox.
import { assertNumber, assertOptions, assertType, foundWords } from '../plain/options.ts'
import { SetupError } from '../simulate/setup-error.ts'
import type { NodeDefinition } from '../system/system.ts'

/** How a worker runs. */
export interface WorkerOptions {
  /**
   * How many instances of it run at once, each made by its own call of `boot`, with its own memory, timers and clocks.
   * A whole number from 1.
   *
   * @default 1
   */
  readonly instances?: number
  /** The version that a deploy brings: a factory, as the first argument is. @default the same version */
  readonly next?: () => unknown
}

const known: Record<keyof WorkerOptions, true> = { instances: true, next: true }

/**
 * A node that is a process of its own and takes no requests. `boot` starts it, and is called for every incarnation:
 * what it creates is lost in a crash. A promise that it returns is waited for before the process counts as started: do
 * not let it wait for a loop that never ends.
 *
 * @throws if `boot` is no function, or an option is unknown or has a wrong value
 * @example
 * const nodes = {
 *   billing: worker(() => { Consumer.create({ queueUrl: orders.url, handleMessage, sqs: client }).start() }),
 *   relay: worker(() => { setInterval(() => sendWhatIsInTheOutbox(), 1_000) }, { instances: 2 }),
 * }
 */
export function worker(boot: () => unknown, options: WorkerOptions = {}): NodeDefinition {
  if (typeof boot !== 'function')
    throw new Error(
      `worker(): its first argument is ${foundWords(boot)}; give a factory, which starts what a crash takes: ` +
        'worker(() => { consumer().start() }).',
    )
  assertOptions('worker()', options, known)
  assertNumber('worker(): instances', options.instances, 'a whole number from 1')
  assertType('worker(): next', options.next, 'function', 'a factory of the next version: { next: () => start() }')
  const { instances = 1, next } = options
  return {
    kind: 'node',
    boot,
    ...(instances === 1 ? {} : { instances }),
    ...(next === undefined ? {} : { next }),
    handle: (_, { method, url }) =>
      Promise.reject(
        new SetupError(`${method} ${url} went to a worker(), which takes no requests. A node that does is a serve().`),
      ),
  }
}
