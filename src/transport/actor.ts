// actor: a client with state of its own, such as an SDK with a circuit breaker, or the store behind a screen. The state
// lives as long as the client does in one history. Its timers therefore keep running after an operation's attempt is
// given up.
import { effect, type Effect } from '../history/effect.ts'
import { op, type AnyArbitrary, type Operation, type OperationOptions } from '../system/operation.ts'
import { current, within, type ActorInstance as Incarnation, type Context, type Life } from '../simulate/context.ts'
import { describeError } from '../plain/describe-error.ts'

/** A stateful client. */
export interface Actor<S> {
  /**
   * An operation on the state that `boot` made; in every other respect as `op`. A client begins its next operation when
   * this one has ended. Where real users do not wait, let `run` return nothing to wait for, so that operations overlap.
   *
   * @example screen.op('save', todo, (store, one) => { void store.save(one) })
   */
  op<T, R = unknown>(
    name: string,
    arbitrary: AnyArbitrary<T>,
    run: (state: S, input: T) => R,
    options?: OperationOptions,
  ): Operation<T, Promise<R>>
  /**
   * Effects read from the state of each client: each value that `view` returns at the end of a history is one effect.
   * `convergence` treats the view of each client as a replica; a client that never carried out an operation of this
   * actor has no replica. In a failing history the view is also read after every step, so that each value gets a time.
   *
   * @param view a pure function of what `boot` made; it runs outside the simulation
   * @example
   * const shown = screen.reads('shown', (store) => store.items)
   * convergence([shown, rows('item', () => db.prepare('select * from items').all())])
   */
  reads<T>(name: string, view: (state: S) => readonly T[]): Effect<T>
}

/**
 * A client with state: `boot` makes the state once for each client in each history, at the client's first operation. It
 * runs on the client's own clock and network. All operations of one client share the state.
 *
 * If `boot` throws, the operation fails, and the client's next operation calls `boot` again.
 *
 * @throws if the name is not one word, or `boot` is not a function
 * @example
 * const sdk = actor('sdk', () => new PaymentClient({ url: 'http://shop', breaker: { failures: 3 } }))
 * const pay = sdk.op('pay', fc.record({ order: fc.uuid() }), (client, order) => client.pay(order), { timeout: 5_000 })
 */
export function actor<S>(name: string, boot: () => S | PromiseLike<S>): Actor<S> {
  if (!/^\S+$/.test(name))
    throw new Error(`actor("${name}"): a name is one word without spaces; it stands in messages.`)
  if (typeof boot !== 'function')
    throw new Error(`actor("${name}"): its second argument is ${String(boot)}, not a function that makes the client.`)
  const key = Symbol(name) // two actors with the same name have separate state
  return {
    op: (operation, arbitrary, run, options) =>
      op(
        operation,
        arbitrary,
        async (input) => {
          const context = own(name, key)
          const state = await booted(name, key, boot, context)
          return within(context, () => run(state, input))
        },
        options,
      ),
    reads: (shown, view) => {
      if (typeof view !== 'function')
        throw new Error(
          `actor("${name}").reads("${shown}"): its second argument is ${String(view)}, not a function that ` +
            'shows what the client holds.',
        )
      // The cast holds: the key is this actor's, so the state comes from its own boot
      return effect({ from: 'reads', name: shown, actor: name, key, view: (state) => view(state as S) })
    },
  }
}

/**
 * The context of the running attempt, with the actor's life instead of the attempt's: what the actor starts goes on
 * after the attempt has ended.
 */
function own(name: string, key: symbol): Context {
  const context = current()
  if (context === undefined)
    throw new Error(`actor("${name}"): an operation of it ran outside a simulation. Give it to a system's operations.`)
  const client = context.life.within ?? context.life
  client.leaves = undefined // its state stays, and so does it
  return { ...context, life: incarnation(client, key).life }
}

function incarnation(client: Life, key: symbol): Incarnation {
  client.actors ??= new Map()
  const known = client.actors.get(key)
  if (known !== undefined) return known
  const made: Incarnation = {
    life: { node: client.node, clock: client.clock, dead: false, paused: undefined, within: client, incarnation: 1 },
  }
  client.actors.set(key, made)
  return made
}

function booted<S>(name: string, key: symbol, boot: () => S | PromiseLike<S>, context: Context): Promise<S> {
  const one = incarnation(context.life.within ?? context.life, key)
  one.state ??= within(context, async () => {
    const state = await boot()
    one.made = { state }
    return state
  }).catch((error: unknown) => {
    delete one.state
    throw new Error(
      `actor("${name}"): its boot threw ${describeError(error)}. It makes the client, before any operation: fix ` +
        `actor("${name}", () => ...).`,
      { cause: error },
    )
  })
  return one.state as Promise<S> // the cast holds: only this actor's boot writes it
}
