// Clients: sequential processes that carry out the workload's invocations, retry where the operation allows it, and
// record how each one ended. Each attempt is a life of its own: what it has not done when the client gives up never
// happens.
import { clientAddress, invocationRoot } from '../scenario/address.ts'
import { copyOf } from '../plain/copy.ts'
import { outcomeOf, type Operation, type Outcome } from '../system/operation.ts'
import type { Invocation } from '../scenario/scenario.ts'
import { encodeValue } from '../plain/value.ts'
import { describeError } from '../plain/describe-error.ts'
import { rootContext } from './causal-context.ts'
import { isDead, within, type Context, type Life, type SentCall } from './context.ts'
import { giveUp } from './give-up.ts'
import { openCallsOf } from './hang-up.ts'
import { startClock } from './mislead.ts'
import { leaveBodies } from './relay.ts'
import { mayBeDone } from './sent-calls.ts'
import { SetupError } from './setup-error.ts'
import type { World } from './world.ts'

/** How an attempt ended. */
interface AttemptResult {
  readonly outcome: Outcome
  /** The user's own outcome found a failure where the default would not. */
  readonly judged?: boolean
  readonly why?: string
  readonly value?: unknown
  readonly error?: unknown
  /** Its client has gone: nobody tries again. */
  readonly final?: true
}

/**
 * How a result is written to the history. Given by the transport, which knows its own kinds of results. `refused`: of
 * an error, that nothing was done; where no connection was taken, `why` says so.
 */
export type DescribeResult = (result: unknown) => {
  readonly value?: unknown
  readonly why?: string
  readonly refused?: boolean
}

/** Starts all clients of a workload; one that is known already goes on. */
export function startClients(
  world: World,
  invocations: readonly Invocation[],
  operations: readonly Operation<unknown>[],
  read: DescribeResult,
): void {
  world.countOperations(invocations.length)
  const byClient = Map.groupBy(invocations, (invocation) => invocation.client)
  const isProvided = ({ operation }: Invocation): boolean => providerOf(operations, operation) !== undefined
  for (const [client, own] of [...byClient].sort(([a], [b]) => a - b)) {
    const node = `client#${client}`
    const first = own.find((invocation) => !isProvided(invocation))
    if (first !== undefined && !world.clients.some((known) => known.node === node)) {
      const life = lifeOf(world, node)
      startClock(world, () => clientAddress(first.operation, first.id), life)
    }
    scheduleNext({ world, node, operations, read, rest: [...own] })
  }
}

/** Who carries an operation out, where no client does. */
function providerOf(operations: readonly Operation<unknown>[], name: string): string | undefined {
  return operations.find((operation) => operation.name === name)?.provider
}

/** A client does one thing at a time; whatever a provider does is a process of its own. */
function processOf({ provider }: Operation<unknown>, { id, client }: Invocation): number {
  return provider === undefined ? client : -1 - id
}

/** A client, or a provider; it begins where nobody has that name yet. The clock of a provider is right. */
function lifeOf(world: World, node: string): Life {
  const known = world.clients.find((life) => life.node === node)
  if (known !== undefined) return known
  const life: Life = { node, clock: world.clock(node), dead: false, paused: undefined, incarnation: 1 }
  world.clients.push(life)
  return life
}

interface Client {
  readonly world: World
  readonly node: string
  readonly operations: readonly Operation<unknown>[]
  readonly read: DescribeResult
  readonly rest: Invocation[]
}

function scheduleNext(client: Client): void {
  const invocation = client.rest.shift()
  if (invocation === undefined) return
  const { world } = client
  const atMs = world.nowMs + invocation.afterMs
  world.extent.arrives(atMs)
  world.scheduler.add(atMs, () => invoke(client, invocation))
}

function invoke(client: Client, invocation: Invocation): void {
  const { world } = client
  const { id, operation: name } = invocation
  const operation = client.operations.find((candidate) => candidate.name === name)
  if (operation === undefined) {
    return world.fail(
      new SetupError(
        `The workload invokes "${name}", which is no operation of this system (it has ` +
          `${client.operations.map((known) => `"${known.name}"`).join(', ')}). Was it renamed?`,
      ),
    )
  }
  const life = lifeOf(world, operation.provider ?? client.node)
  const seq = world.record({
    kind: 'invoke',
    node: life.node,
    cause: -1,
    invocation: id,
    operation: name,
    client: processOf(operation, invocation),
    input: invocation.input,
  })
  const fresh = { counts: new Map<string, number>(), sends: [], before: 0, number: 1, unsure: false }
  startAttempt({ client, life, invocation, operation, cause: seq, ...fresh })
  if (operation.provider !== undefined) scheduleNext(client) // it is not the client who waits for the end
}

interface RunningAttempt {
  readonly client: Client
  /** Who carries it out: the client, or a provider. */
  readonly life: Life
  readonly invocation: Invocation
  readonly operation: Operation<unknown>
  readonly counts: Map<string, number>
  /** What all attempts have sent so far. */
  readonly sends: SentCall[]
  /** How many of them earlier attempts had sent. */
  readonly before: number
  readonly cause: number
  readonly number: number
  /** An earlier attempt may have taken effect. */
  readonly unsure: boolean
}

function startAttempt(current: RunningAttempt): void {
  const { client, life: actor, invocation, operation, number } = current
  const { world } = client
  const life: Life = {
    node: actor.node,
    clock: actor.clock,
    dead: false,
    paused: undefined,
    within: actor,
    incarnation: number,
  }
  const seq = world.record({
    kind: 'attempt',
    node: life.node,
    cause: current.cause,
    invocation: invocation.id,
    attempt: number,
  })
  const root = invocationRoot(operation.name, invocation.id)
  const context = rootContext(world, life, root, invocation.id, seq, current.counts, current.sends)
  let over = false
  const end = (ending: AttemptResult): void => {
    if (over || isDead(life)) return // as the history is over, its connections are closed, which code may hear
    over = true
    life.dead = true
    limit?.cancel()
    actor.leaves = undefined
    world.timers.disarm(life)
    attemptEnded(current, ending)
  }
  const { timeout } = operation
  const limit =
    timeout === undefined
      ? undefined
      : world.arm(context, timeout, () => end({ outcome: 'info', why: 'timeout' }), false)
  if (operation.provider === undefined && operation.atLeastOnce !== true)
    actor.leaves = {
      invocation: invocation.id,
      now() {
        const calls = openCallsOf(world, life)
        for (const call of calls) giveUp(world, call)
        const read = leaveBodies(life)
        end({ outcome: 'info', why: 'client left', final: true })
        for (const { wire } of [...calls, ...read]) wire.gone?.()
      },
    }
  carryOut(current, context, end)
}

function carryOut(
  { client, invocation, operation }: RunningAttempt,
  context: Context,
  end: (ending: AttemptResult) => void,
): void {
  const succeed = (result: unknown): void => {
    try {
      const { value, why } = client.read(result)
      const outcome = checkedOutcome(operation.outcome(result))
      end({
        outcome,
        judged: outcome === 'fail' && outcomeOf(result) !== 'fail',
        ...(why === undefined ? {} : { why }),
        ...(value === undefined ? {} : { value }),
      })
    } catch (error) {
      client.world.fail(
        new SetupError(`op("${operation.name}"): its outcome function threw ${describeError(error)}.`, {
          cause: error,
        }),
      )
    }
  }
  const stop = (error: unknown): void => {
    const { refused = false, why = 'error' } = client.read(error)
    end({ outcome: refused ? 'fail' : 'info', why, error })
  }
  client.world.running = context
  within(context, () => {
    try {
      Promise.resolve(operation.run(copyOf(invocation.input))).then(succeed, stop)
    } catch (error) {
      stop(error)
    }
  })
}

/** A user's outcome function may be plain JavaScript, or asynchronous by mistake. */
function checkedOutcome(outcome: unknown): Outcome {
  if (outcome === 'ok' || outcome === 'fail' || outcome === 'info') return outcome
  throw new TypeError(
    `it gave ${outcome instanceof Promise ? 'a promise' : String(outcome)} instead of 'ok', 'fail' or 'info'`,
  )
}

function attemptEnded(current: RunningAttempt, ending: AttemptResult): void {
  const { client, invocation, operation, number } = current
  const { world } = client
  const { sends } = current
  const hasFailed = (own: readonly SentCall[]): boolean =>
    ending.outcome === 'fail' && !mayBeDone(own, ending.judged === true)
  const again =
    number <= operation.retries && ending.final !== true && (ending.outcome === 'info' || ending.why === 'refused')
  if (again) {
    const failed = hasFailed(sends.slice(current.before))
    const seq = world.record({
      kind: 'attempt-end',
      node: current.life.node,
      cause: current.cause,
      invocation: invocation.id,
      attempt: number,
      outcome: failed ? 'fail' : 'info',
      why: ending.why ?? 'error',
    })
    noteError(world, seq, ending)
    startAttempt({ ...current, before: sends.length, number: number + 1, unsure: current.unsure || !failed })
    return
  }
  const outcome = ending.outcome === 'fail' && (current.unsure || !hasFailed(sends)) ? 'info' : ending.outcome
  const seq = world.record({
    kind: outcome,
    node: current.life.node,
    cause: current.cause,
    invocation: invocation.id,
    operation: operation.name,
    client: processOf(operation, invocation),
    ...(ending.value === undefined ? {} : { value: recordable(ending.value) }),
    ...(ending.why === undefined ? {} : { why: ending.why }),
  })
  noteError(world, seq, ending)
  world.countOperations(-1)
  if (operation.provider === undefined) scheduleNext(client)
}

function noteError(world: World, seq: number, { error }: AttemptResult): void {
  if (error !== undefined) world.note(seq, describeError(error))
}

/** What an operation returned, where it can be written to the history. */
function recordable(value: unknown): unknown {
  try {
    return encodeValue(value)
  } catch {
    return '(not plain data)' // an instance of a class, say: the history only shows that there was a value
  }
}
