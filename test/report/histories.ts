// Histories written by hand for the tests of the report, in the form in which the simulation records them.
import { pathStepOf, type Address } from '../../src/scenario/address.ts'
import type { Counterexample } from '../../src/verdict/counterexample.ts'
import type { Explored, Folded } from '../../src/verdict/explored.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import type { History, HistoryEvent, Lost, Note, Reading } from '../../src/history/history.ts'
import { listed } from '../../src/scenario/plan.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import type { Reason } from '../../src/verdict/reason.ts'
import { rootOf } from '../address-of.ts'

type Bare = HistoryEvent extends infer E ? (E extends HistoryEvent ? Omit<E, 'seq' | 'atMs'> : never) : never

export const latency = 20

/** Writes events in order; `at` sets the time. */
export class Pen {
  readonly events: HistoryEvent[] = []
  readonly readings: Reading[] = []
  readonly notes: Note[] = []
  nowMs = 0

  at(ms: number): this {
    this.nowMs = ms
    return this
  }

  write(event: Bare): number {
    const seq = this.events.length
    this.events.push({ seq, atMs: this.nowMs, ...event })
    return seq
  }

  boot(node: string, incarnation: number = 1): number {
    return this.write({ kind: 'boot', node, cause: -1, incarnation })
  }

  invoke(operation: string, invocation: number, client: number, input: unknown): number {
    const seq = this.write({
      kind: 'invoke',
      node: `client#${client}`,
      cause: -1,
      invocation,
      operation,
      client,
      input,
    })
    return this.attempt(invocation, client, 1, seq)
  }

  attempt(invocation: number, client: number, attempt: number, cause: number): number {
    return this.write({ kind: 'attempt', node: `client#${client}`, cause, invocation, attempt })
  }

  attemptEnd(invocation: number, client: number, attempt: number, why: string, cause: number): number {
    return this.write({
      kind: 'attempt-end',
      node: `client#${client}`,
      cause,
      invocation,
      attempt,
      outcome: 'info',
      why,
    })
  }

  /** The end of an attempt; its cause is the event of the attempt. */
  complete(
    kind: 'ok' | 'fail' | 'info',
    operation: string,
    invocation: number,
    client: number,
    after: number,
    why?: string,
  ): number {
    const cause =
      this.events.findLast((event) => event.kind === 'attempt' && event.invocation === invocation)?.seq ?? after
    return this.write({
      kind,
      node: `client#${client}`,
      cause,
      invocation,
      operation,
      client,
      ...(why === undefined ? {} : { why }),
    })
  }

  send(node: string, address: Address, cause: number, copy: number = 0): number {
    return this.write({ kind: 'send', node, cause, address, request: -1, copy, status: 0 })
  }

  reply(node: string, request: number, status: number, cause: number): number {
    const sent = this.events[request]
    if (sent?.kind !== 'send') throw new Error('Bug: no request')
    return this.write({
      kind: 'send',
      node,
      cause,
      address: { ...sent.address, leg: 'reply' },
      request,
      copy: sent.copy,
      status,
    })
  }

  arrive(node: string, message: number, late: boolean = false): number {
    return this.write({ kind: 'arrive', node, cause: message, late })
  }

  lost(node: string, message: number, why: Lost['why']): number {
    return this.write({ kind: 'lost', node, cause: message, why })
  }

  store(node: string, address: Address, write: boolean, cause: number, open: boolean = false): number {
    return this.write({ kind: 'store', node, cause, address: { ...address, leg: 'reply' }, write, open })
  }

  effect(node: string, effect: string, value: unknown, cause: number): number {
    return this.write({ kind: 'effect', node, cause, effect, value })
  }

  read(effect: string, value: unknown, event: number): void {
    this.readings.push({ effect, value, event, atMs: this.events[event]?.atMs ?? 0 })
  }

  fault(node: string, fault: Fault, cause: number): number {
    return this.write({ kind: 'fault', node, cause, fault })
  }

  history(): History {
    this.write({ kind: 'end', node: '', cause: -1, reason: 'quiet' })
    return { events: this.events, readings: this.readings, notes: this.notes }
  }
}

/** A call, made by the client or within another call. */
export function call(
  root: string,
  from: string,
  to: string,
  operation: string,
  options: { key?: string; nth?: number; under?: Address } = {},
): Address {
  const { key, nth = 1, under } = options
  return {
    root: rootOf(root),
    from,
    to,
    operation,
    leg: 'request',
    nth,
    path: under === undefined ? [] : [...under.path, pathStepOf(under)],
    ...(key === undefined ? {} : { key }),
  }
}

export const reply = (address: Address): Address => ({ ...address, leg: 'reply' })

export const order = '3f0c7f9e-8d5e-4c39-9d28-0b1f7c1c5a11'
const stripe = 'api.stripe.com'

export function paying(): Scenario['workload'] {
  return { invocations: [{ id: 0, operation: 'pay', client: 0, afterMs: 0, input: { order, amount: 1 } }] }
}

export const explored: Explored = {
  saved: 0,
  perfect: { run: 2, violated: 0 },
  singles: { run: 61, violated: 2, total: 61 },
  swarm: { run: 0, violated: 0 },
  shrink: 14,
  fired: { lose: 6, duplicate: 2, crash: 9, delay: 24, error: 6, refuse: 2, throttle: 2, hang: 2, jump: 4 },
  allowed: ['lose', 'duplicate', 'crash', 'delay', 'error', 'refuse', 'throttle', 'hang', 'jump', 'skew'],
  seed: 1_234,
}

export const folded: readonly Folded[] = [
  {
    invariant: 'exactlyOnce(pay, charge)',
    kind: 'violated',
    counts: { holds: 61, violated: 2, unknown: 0, vacuous: 0 },
    because: 'charged twice',
  },
]

export function counterexample(
  history: History,
  workload: Scenario['workload'],
  faults: readonly Fault[],
  reason: Reason,
): Counterexample {
  return {
    scenario: { workload, plan: listed(faults), seed: 1 },
    history,
    violation: { invariant: 'exactlyOnce(pay, charge)', reason },
    necessity: faults.map((fault) => ({ fault, without: 'holds' })),
    executions: 14,
  }
}

/** The shop charges and records; the reply to the client is lost; the client retries after 5 s. */
export function naiveDoubleCharge(): Counterexample {
  const pen = new Pen()
  const first = call('pay#0', 'client', 'shop', 'POST /orders', { key: 'order#0' })
  const lose: Fault = { kind: 'lose', at: reply(first) }
  pen.boot('shop')
  const attempt = pen.invoke('pay', 0, 0, { order, amount: 1 })
  const charged: number[] = []
  const once = (address: Address, cause: number, startMs: number): number => {
    const request = pen.at(startMs).send('client#0', address, cause)
    const arrived = pen.at(startMs + 20).arrive('shop', request)
    const charge = pen.send(
      'shop',
      call('pay#0', 'shop', stripe, 'POST /v1/payment_intents', { key: 'order#0', under: address }),
      arrived,
    )
    const there = pen.at(startMs + 40).arrive(stripe, charge)
    charged.push(pen.effect(stripe, 'charge', { order }, there))
    const back = pen.reply(stripe, charge, 200, there)
    const known = pen.at(startMs + 60).arrive('shop', back)
    const insert = pen.store(
      'shop',
      call('pay#0', 'shop', 'postgres', 'insert orders', { key: 'order#0', under: address }),
      true,
      known,
    )
    if (address.nth === 1) pen.read('order', { id: order, amount: 1 }, insert)
    return pen.reply('shop', request, 201, insert)
  }
  const answer = once(first, attempt, 0)
  pen.fault('shop', lose, answer)
  pen.lost('client#0', answer, 'lost')
  pen.at(5_000)
  const end = pen.attemptEnd(0, 0, 1, 'timeout', attempt)
  const again = once({ ...first, nth: 2 }, pen.attempt(0, 0, 2, end), 5_000)
  const told = pen.at(5_080).arrive('client#0', again)
  pen.complete('ok', 'pay', 0, 0, told)
  return {
    ...counterexample(pen.history(), paying(), [lose], {
      text: `Order ${order} was charged twice: at 0.040 s and again at 5.040 s. Expected exactly one.`,
      kind: 'too-many',
      of: 'charge',
      subject: order,
      events: charged.slice(1),
      against: charged.slice(0, 1),
    }),
    nearest: { change: 'delay that reply by 4,860 ms instead' },
  }
}

/** The shop checks whether it has seen the order, charges, crashes and restarts; the retry charges again. */
export function crashBeforeRemembering(): Counterexample {
  const pen = new Pen()
  const first = call('pay#0', 'client', 'shop', 'POST /orders', { key: 'order#0' })
  pen.boot('shop')
  const attempt = pen.invoke('pay', 0, 0, { order, amount: 1 })
  const charged: number[] = []
  const charge = (address: Address): Address =>
    call('pay#0', 'shop', stripe, 'POST /v1/charges', { key: 'order#0', under: address })
  const upToCharge = (address: Address, cause: number, startMs: number): { request: number; back: number } => {
    const request = pen.at(startMs).send('client#0', address, cause)
    const arrived = pen.at(startMs + 20).arrive('shop', request)
    const seen = pen.store(
      'shop',
      call('pay#0', 'shop', 'sqlite', 'select charges', { key: 'order#0', under: address }),
      false,
      arrived,
    )
    const charging = pen.send('shop', charge(address), seen)
    const there = pen.at(startMs + 40).arrive(stripe, charging)
    charged.push(pen.effect(stripe, 'charge', { order }, there))
    return { request, back: pen.reply(stripe, charging, 200, there) }
  }
  const { back } = upToCharge(first, attempt, 0)
  const crash: Fault = { kind: 'crash', at: reply(charge(first)), node: 'shop', restartAfterMs: 1_000 }
  pen.fault(stripe, crash, back)
  pen.at(60).arrive('shop', back)
  pen.write({ kind: 'crash', node: 'shop', cause: back, incarnation: 1, why: 'fault' })
  pen.at(1_060).boot('shop', 2)
  const end = pen.at(5_000).attemptEnd(0, 0, 1, 'timeout', attempt)
  const second = { ...first, nth: 2 }
  const { request, back: known } = upToCharge(second, pen.attempt(0, 0, 2, end), 5_000)
  const learnt = pen.at(5_060).arrive('shop', known)
  const insert = pen.store(
    'shop',
    call('pay#0', 'shop', 'sqlite', 'insert charges', { key: 'order#0', under: second }),
    true,
    learnt,
  )
  const answer = pen.reply('shop', request, 201, insert)
  const told = pen.at(5_080).arrive('client#0', answer)
  pen.complete('ok', 'pay', 0, 0, told)
  return counterexample(pen.history(), paying(), [crash], {
    text: `Order ${order} was charged twice: at 0.040 s and again at 5.040 s. Expected exactly one.`,
    kind: 'too-many',
    of: 'charge',
    subject: order,
    events: charged.slice(1),
    against: charged.slice(0, 1),
  })
}

/** Two buyers of the last seat: both read "free" before either writes, without any fault. */
export function twoBuyers(): Counterexample {
  const pen = new Pen()
  const seat = 'seat-12A'
  const invocations = [0, 1].map((id) => ({ id, operation: 'buy', client: id, afterMs: id * 5, input: { seat } }))
  pen.boot('shop')
  const steps = invocations.map(({ id, input, afterMs }) => {
    const address = call(`buy#${id}`, 'client', 'shop', 'POST /seats/:seat', { key: 'seat#0' })
    const request = pen.at(afterMs).send(`client#${id}`, address, pen.invoke('buy', id, id, input))
    return { id, address, request, startMs: afterMs }
  })
  const reads = steps.map(({ id, address, request, startMs }) => {
    const arrived = pen.at(startMs + 20).arrive('shop', request)
    const read = pen.store(
      'shop',
      call(`buy#${id}`, 'shop', 'sqlite', 'select seats', { key: 'seat#0', under: address }),
      false,
      arrived,
    )
    return pen.send(
      'shop',
      call(`buy#${id}`, 'shop', 'api.bank.example', 'POST /authorise', { key: 'seat#0', under: address }),
      read,
    )
  })
  const back = steps.map(({ startMs }, id) => {
    const authorise = reads[id] ?? -1
    return pen.at(startMs + 40).reply('api.bank.example', authorise, 200, pen.arrive('api.bank.example', authorise))
  })
  const sold = steps.map(({ id, address, request, startMs }) => {
    const known = pen.at(startMs + 60).arrive('shop', back[id] ?? -1)
    const insert = pen.store(
      'shop',
      call(`buy#${id}`, 'shop', 'sqlite', 'insert sales', { key: 'seat#0', under: address }),
      true,
      known,
    )
    pen.read('sale', { seat, buyer: id }, insert)
    return { insert, answer: pen.reply('shop', request, 201, insert) }
  })
  for (const { id, startMs } of steps)
    pen.at(startMs + 80).complete('ok', 'buy', id, id, pen.arrive(`client#${id}`, sold[id]?.answer ?? -1))
  const inserts = sold.map(({ insert }) => insert)
  return counterexample(pen.history(), { invocations }, [], {
    text: `Seat ${seat} was sold twice: at 0.060 s and again at 0.065 s. Expected at most one.`,
    kind: 'too-many',
    of: 'sale',
    subject: seat,
    events: inserts.slice(1),
    against: inserts.slice(0, 1),
  })
}

/** The double charge, among forty other orders, ticks and reads. */
export function noisy(): Counterexample {
  const pen = new Pen()
  const orders = Array.from({ length: 40 }, (_, id) => `order-number-${String(id).padStart(3, '0')}`)
  const invocations = orders.map((name, id) => ({
    id,
    operation: 'pay',
    client: id % 2,
    afterMs: 10,
    input: { order: name },
  }))
  pen.boot('shop')
  const charged: number[] = []
  const faults: Fault[] = []
  for (const { id, client, input } of invocations) {
    const attempts = id === 20 ? 2 : 1
    let cause = pen.at(id * 200).invoke('pay', id, client, input)
    for (let nth = 1; nth <= attempts; nth++) {
      const startMs = id * 200 + (nth - 1) * 100
      const address = call(`pay#${id}`, 'client', 'shop', 'POST /orders', { key: `order#${id}`, nth })
      const request = pen.at(startMs).send(`client#${client}`, address, cause)
      const arrived = pen.at(startMs + 20).arrive('shop', request)
      const charge = pen.send(
        'shop',
        call(`pay#${id}`, 'shop', stripe, 'POST /v1/charges', { key: `order#${id}`, under: address }),
        arrived,
      )
      const there = pen.at(startMs + 40).arrive(stripe, charge)
      const effect = pen.effect(stripe, 'charge', input, there)
      const known = pen.at(startMs + 60).arrive('shop', pen.reply(stripe, charge, 200, there))
      const answer = pen.reply('shop', request, 201, known)
      if (id === 20) charged.push(effect)
      if (nth < attempts) {
        const lose: Fault = { kind: 'lose', at: reply(address) }
        faults.push(lose)
        pen.fault('shop', lose, answer)
        pen.lost(`client#${client}`, answer, 'lost')
        cause = pen.at(startMs + 100).attempt(id, client, 2, pen.attemptEnd(id, client, 1, 'timeout', cause))
      } else pen.at(startMs + 80).complete('ok', 'pay', id, client, pen.arrive(`client#${client}`, answer))
    }
    const tick = `tick(shop#0, ${id + 1})`
    pen.store('shop', call(tick, 'shop', 'redis', 'get heartbeat'), false, -1)
  }
  return counterexample(pen.history(), { invocations }, faults, {
    text: 'Order order-number-020 was charged twice: at 4.040 s and again at 4.140 s. Expected exactly one.',
    kind: 'too-many',
    of: 'charge',
    subject: 'order-number-020',
    events: charged.slice(1),
    against: charged.slice(0, 1),
  })
}
