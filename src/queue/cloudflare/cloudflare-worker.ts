// Cloudflare Workers: one module with `fetch`, `queue` and `scheduled`, as wrangler deploys it. Each batch is a call of
// the queue's broker, each due expression one of the platform.
// https://developers.cloudflare.com/queues/configuration/javascript-apis/
import { assertList, assertNumber, assertOptions, assertType, foundWords, isRecord } from '../../plain/options.ts'
import { describeError } from '../../plain/describe-error.ts'
import { durationWords } from '../../plain/time.ts'
import { decodeValue } from '../../plain/value.ts'
import { epochMs } from '../../simulate/clock.ts'
import type { Context } from '../../simulate/context.ts'
import { SetupError } from '../../simulate/setup-error.ts'
import type { World } from '../../simulate/world.ts'
import type { NodeDefinition } from '../../system/system.ts'
import type { PortReply, PortRequest } from '../../transport/port-protocol.ts'
import { running } from '../../transport/provide.ts'
import { assertOrigin, serve, workersContext, type FetchHandler, type ServeOptions } from '../../transport/serve.ts'
import { liveQueue } from '../core/brokers.ts'
import { tellThrown } from '../core/thrown.ts'
import { push } from '../core/push.ts'
import { loadCroner } from '../cron/croner.ts'
import { trigger } from './cron-triggers.ts'
import { CloudflareBatch, type CarriedMessage, type CloudflareOutcome } from './cloudflare-batch.ts'
import type { CloudflareQueue } from './cloudflare-queue.ts'

/** How a Worker is deployed. */
export interface CloudflareWorkerOptions extends Pick<ServeOptions, 'at' | 'env' | 'next'> {
  /** The queues whose batches it gets. @default none */
  readonly consumes?: readonly CloudflareQueue<never>[]
  /** When its `scheduled` is called: cron expressions, in UTC (`triggers.crons`). Needs croner. @default never */
  readonly crons?: readonly string[]
  /** How many isolates of it run at once. A whole number from 1. @default 2 */
  readonly instances?: number
}

/** A Worker's module: what it exports by default. */
export interface CloudflareModule {
  fetch?(request: Request, env: never, context: never): Response | PromiseLike<Response>
  queue?(batch: never, env: never, context: never): unknown
  scheduled?(controller: never, env: never, context: never): unknown
}

const known: Record<keyof CloudflareWorkerOptions, true> = {
  at: true,
  env: true,
  next: true,
  consumes: true,
  crons: true,
  instances: true,
}

/** An invocation of a consumer may take so long, in milliseconds (Cloudflare Queues, "Limits"). */
const longestMs = 900_000
/** How soon a batch that reached nobody is sent again, in milliseconds. */
const againAfterMs = 1_000

/**
 * A node that is a Cloudflare Worker. `boot` gives its module, and is called for every isolate: what it creates is lost
 * when that dies. Its `queue(batch, env, ctx)` gets batches of the queues that it consumes. What it does not say of a
 * message counts as acknowledged when it has returned and all that `ctx.waitUntil` got has resolved, and as to be tried
 * again when one of these fails. Its `fetch`, where it has
 * one, answers requests as in `serve`; its `scheduled(controller, env, ctx)` is called when one of `crons` is due.
 *
 * @throws if an option is unknown or has a wrong value; while a history runs, if the module lacks what is to be called,
 *   or an expression is none
 * @see https://developers.cloudflare.com/queues/configuration/batching-retries/
 * @example
 * nodes: { shop: cloudflareWorker(() => worker, { env: { ORDERS: orders }, consumes: [orders] }) }
 */
export function cloudflareWorker(
  boot: () => CloudflareModule | PromiseLike<CloudflareModule>,
  options: CloudflareWorkerOptions = {},
): NodeDefinition {
  if (typeof boot !== 'function')
    throw new Error(
      `cloudflareWorker(): its first argument is ${foundWords(boot)}; give a factory of what the Worker exports by ` +
        'default: cloudflareWorker(() => worker).',
    )
  assertOptions('cloudflareWorker()', options, known)
  assertNumber('cloudflareWorker(): instances', options.instances, 'a whole number from 1')
  assertOrigin('cloudflareWorker', options.at)
  assertType(
    'cloudflareWorker(): next',
    options.next,
    'function',
    'a factory of the next version: { next: () => worker }',
  )
  const { consumes = [], crons = [], instances = 2, next, ...rest } = options
  assertList('cloudflareWorker(): consumes', options.consumes, '[orders]')
  assertList('cloudflareWorker(): crons', options.crons, "['*/5 * * * *']")
  if (crons.length > 0) void loadCroner()
  for (const queue of consumes as readonly unknown[])
    if (!isRecord(queue) || queue['kind'] !== 'cloudflare-queue')
      throw new Error(
        `cloudflareWorker(): consumes holds ${foundWords(queue)}; give queues: [cloudflareQueue('orders')].`,
      )
  const started = (module: unknown): unknown => {
    if (consumes.length > 0) assertMethod(module, 'queue', `it consumes "${consumes[0]?.name}"`)
    if (crons.length > 0) assertMethod(module, 'scheduled', `it has the cron trigger ${crons[0]}`)
    for (const queue of consumes) consume(queue, options.env)
    if (crons.length === 0) return module
    const server = { handle: (app: unknown, request: PortRequest) => runScheduled(app, request, options.env) }
    const context = running()
    return Promise.all(crons.map((one) => trigger(context, one, server))).then(() => module)
  }
  const starting = (make: () => unknown) => (): unknown => {
    const made = make()
    return made instanceof Promise ? made.then(started) : started(made)
  }
  // A module without `fetch` takes no requests
  const node = serve(starting(boot) as () => FetchHandler, {
    ...{ ...rest, instances },
    ...(next === undefined ? {} : { next: starting(next) as () => FetchHandler }),
  })
  return {
    ...node,
    handle: async (module, request) => {
      assertMethod(module, 'fetch', `${request.method} ${request.url} went to it`)
      return node.handle(module, request)
    },
  }
}

const parameters = { fetch: 'request', queue: 'batch', scheduled: 'controller' } as const

function assertMethod(module: unknown, name: keyof typeof parameters, why: string): void {
  if (typeof methodOf(module, name) === 'function') return
  throw new SetupError(
    `cloudflareWorker(): ${why}, and its module has no ${name}(${parameters[name]}, env, ctx). Return what the ` +
      'Worker exports by default.',
  )
}

/** One due expression at an isolate. */
async function runScheduled(module: unknown, { args: [due] }: PortRequest, env: unknown): Promise<PortReply> {
  const handler = methodOf(module, 'scheduled') as (...args: unknown[]) => unknown // asserted as it started
  const controller = { ...(due as object), noRetry: () => undefined }
  try {
    await handler.call(module, controller, env, workersContext)
    return { kind: 'value', value: undefined }
  } catch (error) {
    if (error instanceof SetupError) throw error
    const context = running()
    context.host.printed(context, `scheduled() threw ${describeError(error)}`)
    return { kind: 'threw', error: undefined }
  }
}

function methodOf(module: unknown, name: string): unknown {
  const isOne = (typeof module === 'object' && module !== null) || typeof module === 'function'
  return isOne ? Reflect.get(module, name) : undefined
}

function consume(queue: CloudflareQueue<never>, env: unknown): void {
  const { host, life } = running()
  const world = host as World // the only Host that lends contexts is a World
  const live = liveQueue(world, queue)
  push(world, live, {
    node: life.node,
    most: queue.batchSize,
    windowMs: queue.batchTimeoutMs,
    concurrent: world.nodes.get(life.node)?.instances.length ?? 1,
    patienceMs: longestMs,
    batchOf: (messages) => ({
      messages: messages.map(({ id, sentAtMs, body, received }): CarriedMessage => {
        return { id, sentAtMs: epochMs + sentAtMs, body: JSON.parse(body), attempts: received }
      }),
    }),
    server: { handle: (module, request) => invoke(module, queue, request, env) },
    settle(messages, reply) {
      // No isolate has begun, or the platform itself failed, so that this was no try
      if (reply === 'unreached' || reply?.kind === 'status') return live.giveBack(messages, againAfterMs)
      const outcomes = reply?.kind === 'value' ? (reply.value as readonly CloudflareOutcome[]) : [] // see invoke
      for (const [index, message] of messages.entries()) {
        const outcome = outcomes[index] ?? { kind: 'again' }
        if (outcome.kind === 'acknowledged') live.delete(message)
        else live.again(message, outcome.delayMs ?? queue.retryDelayMs)
      }
    },
  })
}

/** One batch at an isolate. */
async function invoke(
  module: unknown,
  queue: CloudflareQueue<never>,
  { args: [batch] }: PortRequest,
  env: unknown,
): Promise<PortReply> {
  const context = running()
  const { messages } = batch as { readonly messages: readonly CarriedMessage[] } // what consume pushes
  const given = new CloudflareBatch(
    queue.name,
    messages.map((message) => ({ ...message, body: decodeValue(message.body) })),
  )
  const handler = methodOf(module, 'queue') as (...args: unknown[]) => unknown // asserted as it started
  const limit = context.host.arm(context, longestMs, () => tellLate(context, queue.name), false)
  try {
    await untilDone((ctx) => handler.call(module, given, env, ctx))
    return { kind: 'value', value: given.outcomes(false) }
  } catch (error) {
    tellThrown(
      context,
      error,
      'queue()',
      `its batch of "${queue.name}" comes again: mend it, or acknowledge the others`,
    )
    return { kind: 'value', value: given.outcomes(true) }
  } finally {
    limit.cancel()
  }
}

/** Runs a handler with a `ctx`, and waits for all that `waitUntil` gets. @throws what one of these fails with */
async function untilDone(run: (ctx: object) => unknown): Promise<void> {
  const waited: Promise<unknown>[] = []
  const waitUntil = (work: unknown): void => {
    const one = Promise.resolve(work)
    one.catch(() => undefined) // it is looked at below
    waited.push(one)
  }
  await run({ ...workersContext, waitUntil })
  // What is waited for may ask for more of that
  for (let known = -1; known < waited.length;) {
    known = waited.length
    await Promise.allSettled(waited)
  }
  await Promise.all(waited)
}

function tellLate(context: Context, name: string): void {
  const text = `queue() had not returned after ${durationWords(longestMs)}`
  const world = context.host as World // the only Host that lends contexts is a World
  world.printed(context, text, `${text}, so that its batch of "${name}" comes again: let it end on every path`)
}
