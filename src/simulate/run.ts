// One history from start to end: boots the nodes and starts the clients. Then, until nothing is left to do, it drains,
// sends what was issued, and takes one step. There is only one simulated completion per drain, so that no order depends
// on how many microtasks something takes.
import type { NamedLength } from '../scenario/lengths.ts'
import type { ReadsSource, RowsSource } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import { deliversAtLeastOnce } from '../system/operation.ts'
import type { Fault } from '../scenario/fault/registry.ts'
import type { LateChange } from '../scenario/late-change.ts'
import type { Adversary } from '../scenario/plan.ts'
import type { Site } from '../scenario/site.ts'
import type { Store } from '../system/store.ts'
import { isDead, outsideContext } from './context.ts'
import { closeAll, undoUncommitted } from './after-history.ts'
import { afterRealMs, drains, loopTurns } from './drain.ts'
import { isDebugged } from './globals/is-debugged.ts'
import { assertFetch, fakeTimersMessage, install, listenForCrashes, restoreFetch, watchEscapes } from './globals.ts'
import { Beginnings, type BeginningsSetup } from './one-by-one.ts'
import { Phases, type PhaseBounds } from './phases.ts'
import { Links } from './link.ts'
import { bootNode, crashByError } from './node.ts'
import { watchOpenThings } from './open-things.ts'
import { Probes, type Probe } from './probe.ts'
import { takeReadings, type ReadAnnotations } from './readings.ts'
import type { RowsAtStart } from './rows-at-start.ts'
import type { SharedStore } from './store-order.ts'
import { watchStores } from './store-site.ts'
import { neverAnswered } from './serving.ts'
import { endsItself } from './rollout.ts'
import type { Seen } from './seen.ts'
import { SetupError } from './setup-error.ts'
import { stepBegins, watchForLoops } from './stuck.ts'
import type { Node } from './node-state.ts'
import { unfinishedIn } from './unfinished-work.ts'
import { World } from './world.ts'

/** How long real asynchronous work inside a handler may take, in milliseconds of real time: `took over 10 s`. */
const realWorkCapMs = 10_000

/** Everything that one history needs. */
export interface RunSetup extends BeginningsSetup {
  readonly adversary: Adversary
  readonly probes: readonly Probe[]
  /** How soon after healing probes must be answered, in milliseconds. */
  readonly recoveryMs?: number | undefined
  readonly stores: readonly Store[]
  readonly rows: readonly RowsSource[]
  readonly views: readonly ReadsSource[]
  /** Names of the journals that invariants read. */
  readonly journals: ReadonlySet<string>
  readonly bounds: Omit<PhaseBounds, 'patient'>
  /** The replacement of `fetch` while the history runs. */
  readonly fetch: typeof fetch
  /** Whether to list the sites met. */
  readonly collect: boolean
  /** Whether to repeat readings after every commit, so that each row gets a time and a cause. */
  readonly annotate: boolean
  /** Whether to compare the rows at the start of the operations with those of the first history. */
  readonly compare: boolean
  /** The rows at the start. Shared by all histories of the system. */
  readonly atStart: RowsAtStart
  /** Whether loops may go round long enough for what code counts in memory. */
  readonly patient: boolean
  /** Methods of ports that are known to be asynchronous. Newly discovered ones are added. */
  readonly portCalls: Set<string>
  /** @default nothing of it */
  readonly sees?: Seen
  /** Makes the nodes of a new world. */
  nodes(world: World, links: Links): readonly Node[]
}

/** The result of one history. */
export interface Run {
  readonly history: History
  /** The sites met, in order. Empty unless `collect` was set. */
  readonly sites: readonly Site[]
  /** The faults that fired, in order. */
  readonly fired: readonly Fault[]
  /** The late changes of the plan that took effect: another process read before them. */
  readonly late: readonly LateChange[]
  /** Changes that other processes could have read before. Empty unless `collect` was set. */
  readonly orders: readonly LateChange[]
  /** Stores that several processes use, or several instances of one. Empty unless `collect` was set. */
  readonly sharedStores: readonly SharedStore[]
  /** Nodes whose `boot` returned the same object before and after a crash: module memory survived. */
  readonly survivors: readonly string[]
  /** Nodes whose `boot` returned the same object for two instances. */
  readonly shared: readonly string[]
  /** It ended, or healed, although something still went round in circles. */
  readonly circled: boolean
  /** Lengths of time that showed (empty unless `collect` was set), and how many steps it took. */
  readonly lengths: readonly NamedLength[]
  readonly steps: number
  /** It was given patience. */
  readonly patient: boolean
}

/** @throws SetupError where the set-up is wrong; RunAgain if a port has an asynchronous method that was not known */
export async function run(setup: RunSetup): Promise<Run> {
  install()
  const { scenario, adversary, stores, collect, patient, annotate, portCalls, alone } = setup
  const repeated = new Set(setup.operations.filter(deliversAtLeastOnce).map(({ name }) => name))
  const world = new World({ scenario, adversary, stores, collect, patient, annotate, repeated, portCalls, alone })
  const links = new Links(world)
  world.ends = (context, how) => endsItself(world, context, how)
  watchStores(world, setup.journals)
  for (const store of stores) await store.reset()
  assertFetch(setup.fetch)
  const unwatch = watchForLoops(() => world.running)
  const stopListening = listenForCrashes((kind, error, context) => {
    const blamed = context?.host === world ? context : context === undefined ? world.running : undefined
    return blamed !== undefined && crashByError(world, world.nodes, blamed, kind, error)
  })
  const stopWatching = watchEscapes()
  try {
    for (const node of setup.nodes(world, links)) world.nodes.set(node.name, node)
    const { circled, steps, ...read } = await outsideContext(() => loop(world, links, setup))
    return {
      history: {
        events: world.events,
        draws: world.random.log,
        ...read,
        notes: world.notes,
        ...(world.details === undefined ? {} : { details: world.details.all }),
      },
      circled,
      sites: world.sites,
      fired: world.fired,
      late: [...(world.order?.late ?? [])],
      orders: [...(world.order?.possible.values() ?? [])],
      sharedStores: world.order?.sharedStores ?? [],
      survivors: nodesThat(world, ({ survived }) => survived),
      shared: nodesThat(world, ({ shared }) => shared),
      lengths: world.seenLengths?.all ?? [],
      steps,
      patient,
    }
  } finally {
    await closeAll(world)
    unwatch()
    stopWatching()
    stopListening()
    restoreFetch()
  }
}

function nodesThat(world: World, test: (node: Node) => boolean): readonly string[] {
  const names: string[] = []
  for (const node of world.nodes.values()) if (test(node)) names.push(node.name)
  return names
}

type Looped = ReadAnnotations & Pick<History, 'leftovers'> & Pick<Run, 'circled' | 'steps'>

function loop(world: World, links: Links, setup: RunSetup): Promise<Looped> {
  const beginnings = new Beginnings(world, setup)
  const probes = new Probes(world, setup.probes, setup.scenario.workload.invocations, setup.recoveryMs)
  const bounds = { ...setup.bounds, patient: setup.patient }
  const phases = new Phases(world, links, bounds, () => beginnings.quiet() || probes.begin(setup.read))
  const readings = takeReadings(world, setup)
  const { promise, resolve, reject } = Promise.withResolvers<Looped>()
  const things = setup.sees?.leftovers === true ? watchOpenThings(world) : undefined
  world.seesBytes = setup.sees?.bytes === true
  const anyUnseen = world.stores.some(({ unseen }) => unseen === true) // its content may change in any step
  let started = false
  const resume = (): void => drains(turn)

  /** Everything has come to rest. Returns false when the loop pauses or is over. */
  const turn = (): boolean => {
    stepBegins()
    try {
      return rested()
    } catch (error) {
      reject(error)
      return false
    }
  }
  const rested = (): boolean => {
    if (world.slow) {
      world.slow = false
      loopTurns(resume)
      return false
    }
    if (world.realWork.length > 0) return releaseRealWork()
    const last = world.events.length - 1
    endOfStep(world)
    if (anyUnseen && last >= 0) readings.committed(last)
    const fakeTimers = fakeTimersMessage()
    if (fakeTimers !== undefined) world.fail(new SetupError(fakeTimers))
    if (world.failure !== undefined) return finish()
    readings.rested()
    if (readings.due()) {
      readings.take().then(resume, reject)
      return false
    }
    return step()
  }
  const step = (): boolean => {
    if (!started && startingIn(world) === undefined) {
      if (readings.mustBegin()) {
        readings.begin().then(resume, reject)
        return false
      }
      started = true
      beginnings.start()
    }
    if (started) beginnings.stepped()
    const reason = guarded(world, () => phases.next())
    if (reason === undefined) return true
    const stuck = started ? undefined : startingIn(world)
    if (stuck !== undefined && world.fired.length === 0) {
      world.fail(
        new SetupError(
          `Node "${stuck.name}": what its factory returned never settled, so it never took a request. Let ` +
            'serve(async () => ...) return once the node is ready.',
        ),
      )
      return finish()
    }
    const left = unfinishedIn(world, links)
    const unanswered = neverAnswered(world, (parent) => links.isUnderWay(parent))
    world.record({
      kind: 'end',
      node: '',
      cause: -1,
      reason,
      ...(left.length === 0 ? {} : { left }),
      ...(unanswered.length === 0 ? {} : { unanswered }),
    })
    return finish()
  }
  const finish = (): boolean => {
    const ended = { circled: phases.circled, steps: phases.steps, ...things?.left() }
    undoUncommitted(world)
    if (world.failure === undefined) readings.last().then((read) => resolve({ ...read, ...ended }), reject)
    else reject(world.failure)
    return false
  }
  const releaseRealWork = (): boolean => {
    const [head] = world.realWork
    if (head === undefined) return true
    if (head.release !== undefined) {
      world.realWork.shift()
      world.running = head.context
      if (!isDead(head.context.life)) head.release()
      return true
    }
    const cancel = afterRealMs(realWorkCapMs, () => {
      if (isDebugged()) return
      head.ended = undefined
      world.fail(
        new SetupError(
          `Node "${head.context.life.node}" waits for real work that does not end: ${head.what} took over 10 s.`,
        ),
      )
      finish()
    })
    head.ended = () => {
      cancel()
      outsideContext(() => loopTurns(resume)) // the work ends in the context of its code
    }
    return false
  }
  world.committed = (event) => readings.committed(event)
  readings.first().then(() => {
    for (const node of world.nodes.values()) for (const instance of node.instances) bootNode(world, node, instance, -1)
    resume()
  }, reject)
  return promise
}

/** A node whose boot has not come to an end. */
function startingIn(world: World): Node | undefined {
  for (const node of world.nodes.values()) {
    for (const { starting } of node.instances) if (starting !== undefined) return node
  }
  return undefined
}

/** What happened in the drain takes effect: ghosts are undone, draws recorded, messages sent. */
function endOfStep(world: World): void {
  world.rested()
  for (const store of world.stores) store.settle()
  world.random.endStep(world.events.length)
  const { outbox } = world
  if (outbox.length === 0) return
  if (outbox.length > 1) outbox.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
  for (const { send } of outbox.splice(0)) send()
}

/** An error thrown in the step itself is one that nobody caught. */
function guarded<T>(world: World, step: () => T): T | undefined {
  try {
    return step()
  } catch (error) {
    const { running } = world
    if (running === undefined || !crashByError(world, world.nodes, running, 'uncaught exception', error)) throw error
    return undefined
  }
}
