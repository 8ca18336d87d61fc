// The store for any other state: an array, an object, the fields of a class, a database that the user resets. It sees
// no calls, and knows nothing about the state.
import { assertOptions } from '../plain/options.ts'
import { describeError } from '../plain/describe-error.ts'
import { outsideContext } from '../simulate/context.ts'
import type { Store } from '../system/store.ts'

/** How {@link store} resets and restores the state. */
export interface StateOptions<T> {
  /** Brings back the state that every history starts from. It may take real time. */
  readonly reset: () => unknown
  /**
   * A copy of the current content. With `restore`, writes that a node still makes after its crash are undone. @default
   * not known
   */
  readonly snapshot?: () => T
  /** Restores what `snapshot` returned. @default not known */
  readonly restore?: (content: T) => void
}

/**
 * Any other state that survives a crash and is the same before every history. Nothing is patched, so the simulation
 * does not see the calls on it: no node crashes directly after one, and no other process comes between two of them. The
 * report says so. With `snapshot` and `restore`, the test leaves the state as it found it, and writes that a crashed
 * node makes in the rest of its synchronous code are undone. Without them such writes stay, and `reset` runs once more
 * at the end.
 *
 * @param name its name in reports
 * @throws if `reset` is no function, or only one of `snapshot` and `restore` is given
 * @example
 * const mails: Mail[] = []
 * stores: [store('mails', { reset: () => { mails.length = 0 } })]
 */
export function store<T = unknown>(name: string, options: StateOptions<T>): Store {
  assertOptions(`store("${name}")`, options ?? null, ['reset', 'snapshot', 'restore'])
  const { reset, snapshot, restore } = options
  checkState(name, reset, snapshot, restore)
  const known = snapshot === undefined || restore === undefined ? undefined : { snapshot, restore }
  let isAttached = false
  let found: { readonly content: T } | undefined
  /** The content before the writes of ghosts. */
  let before: { readonly content: T } | undefined
  const taken = (): { readonly content: T } | undefined =>
    known === undefined ? undefined : { content: outsideContext(known.snapshot) }
  const settle = (): void => {
    const content = before
    before = undefined
    if (content !== undefined) outsideContext(() => known?.restore(content.content))
  }
  const begin = async (): Promise<void> => {
    before = undefined
    try {
      await outsideContext(async () => reset())
    } catch (error) {
      throw new Error(`store("${name}"): reset threw ${describeError(error)}. It has to work before every history.`, {
        cause: error,
      })
    }
  }
  return {
    kind: 'store',
    name,
    unseen: true,
    attach() {
      if (isAttached)
        throw new Error(
          `store("${name}"): it is in use by another simulation at this moment. Tests that share a store cannot run ` +
            'at once: not in describe.concurrent, or give each its own.',
        )
      isAttached = true
      found = taken()
    },
    async detach() {
      if (!isAttached) return
      isAttached = false
      const original = found
      found = undefined
      before = undefined
      if (original === undefined) await begin()
      else outsideContext(() => known?.restore(original.content))
    },
    reset: begin,
    crash(_, running) {
      if (!running) return
      settle()
      before = taken()
    },
    settle,
    isOpen: () => false,
    content: () => {
      const now = taken()?.content
      return now === undefined ? {} : { [name]: Array.isArray(now) ? now : [now] }
    },
  }
}

function checkState(name: string, reset: unknown, snapshot: unknown, restore: unknown): void {
  if (typeof name !== 'string' || name === '') throw new Error("store(): give a name first: store('mails', { reset }).")
  if (typeof reset !== 'function')
    throw new Error(
      `store("${name}"): reset is ${reset === undefined ? 'missing' : `no function (found ${typeof reset})`}. Give ` +
        'a function that brings back the first state: store(name, { reset: () => { mails.length = 0 } }).',
    )
  if ((snapshot === undefined) !== (restore === undefined))
    throw new Error(`store("${name}"): snapshot and restore belong together. Give both, or none.`)
}
