// What is known of a node while a history runs. State alone; what happens to it stands in node.ts.
import type { InjectedAnswer } from '../scenario/fault/delivery.ts'
import type { Life } from './context.ts'
import type { Step } from './scheduler.ts'
import type { Capacity } from '../system/capacity.ts'

/** A user's node, or an outside host (which never crashes). */
export interface Node {
  readonly name: string
  /** One life; absent for an outside host. */
  readonly boot?: () => unknown
  /** The version that a deploy brings. Absent: the same. */
  readonly next?: () => unknown
  /** Where it runs: as many lives at once as there are of these. At least one. */
  readonly instances: readonly [Instance, ...Instance[]]
  /** Two boots of one instance gave the same object: module memory survived a crash. */
  survived: boolean
  /** Two instances were given the same object: they share their memory. */
  shared: boolean
  /** How often it has got another address: one for each deploy. Several instances share an address that stays. */
  moves: number
  /** How others answer at its old addresses, the first one first; undefined where nobody does. */
  readonly heirs: (InjectedAnswer | undefined)[]
  /** What boots issue and draw is counted over all of them: they share one root. */
  readonly counts: Map<string, number>
  /** How much each instance does at once; absent where there is no limit. */
  readonly capacity?: Capacity
  /** An operator's procedure runs there. */
  readonly isOperator: boolean
}

/** One place where a node runs, as a replica behind a balancer: it holds one life after the other. */
export interface Instance {
  /** From 1. */
  readonly number: number
  /** The life that runs now; undefined while it is down. */
  life: Life | undefined
  /** The life that is starting and takes no requests yet. */
  starting: Life | undefined
  /** Lives that were replaced while they were paused: they may go on beside the one that runs now. */
  readonly zombies: Life[]
  /** One of them died and is to start again, beside the life that runs. */
  zombieDown: boolean
  /** Lives that got SIGTERM and were replaced: they may finish what they have, and never start again. */
  readonly leaving: Life[]
  /** A life that the balancer still sends new requests to, although it was replaced. */
  stillRouted: { readonly life: Life; readonly app: unknown; readonly untilMs: number } | undefined
  /** What `boot` gave. */
  app: unknown
  boots: number
  /** Since healing, in a row. */
  failedBoots: number
  /** Its node's next version was deployed here. */
  isNext: boolean
  /** It died for good while others went on. */
  gone: boolean
  /** When it is to start again. */
  restarting: Step | undefined
  /** Who works and who waits in each life of a node with a capacity; undefined until the first request. */
  places: Map<Life, Places> | undefined
}

/** Who works and who waits in one life of a node with a capacity. */
export interface Places {
  busy: number
  /** In the order in which they came; each begins when it is called. */
  readonly waiting: (() => void)[]
  /** The shortest that the queue has been since anything changed, and when it was so first. */
  shortest: number
  shortestSinceMs: number
}

export function newNode(name: string, boot?: () => unknown, parts: NodeParts = {}): Node {
  const { instances = 1, capacity, next, isOperator = false } = parts
  const others = Array.from({ length: instances - 1 }, (_, index) => newInstance(index + 2))
  return {
    name,
    instances: [newInstance(1), ...others],
    survived: false,
    shared: false,
    moves: 0,
    heirs: [],
    counts: new Map(),
    isOperator,
    ...(boot === undefined ? {} : { boot }),
    ...(next === undefined ? {} : { next }),
    ...(capacity === undefined ? {} : { capacity }),
  }
}

/** What a node may have besides. */
interface NodeParts {
  readonly instances?: number | undefined
  readonly capacity?: Capacity | undefined
  readonly next?: (() => unknown) | undefined
  readonly isOperator?: boolean
}

function newInstance(number: number): Instance {
  return {
    number,
    life: undefined,
    starting: undefined,
    zombies: [],
    zombieDown: false,
    leaving: [],
    stillRouted: undefined,
    app: undefined,
    boots: 0,
    failedBoots: 0,
    isNext: false,
    gone: false,
    restarting: undefined,
    places: undefined,
  }
}

/** Where a life of a node runs, or ran. */
export function instanceOf({ instances }: Node, { instance = 1 }: Life): Instance {
  return instances[instance - 1] ?? instances[0]
}

/** All lives that a node has now: those that were replaced, those that run, those that start. */
export function livesOf({ instances }: Node): readonly Life[] {
  const lives: Life[] = []
  for (const { zombies, leaving, life, starting } of instances) {
    for (const one of zombies) lives.push(one)
    for (const one of leaving) lives.push(one)
    if (life !== undefined && !leaving.includes(life)) lives.push(life)
    if (starting !== undefined) lives.push(starting)
  }
  return lives
}

/** Whether a life that was not replaced runs in an instance, or starts there. */
export function isUp({ life, starting, leaving }: Instance): boolean {
  return starting !== undefined || (life !== undefined && !leaving.includes(life))
}

/** Whether an instance that is down may stay down: another one lives, or will start again. */
export function mayBeGone({ instances }: Node, instance: Instance): boolean {
  // A zombie dies beside its successor
  return !isUp(instance) && instances.some((other) => other !== instance && !other.gone)
}

/** Those of some nodes that have several instances, for a site. */
export function replicatedIn(
  nodes: ReadonlyMap<string, Node>,
  names: readonly string[],
): { readonly replicated?: readonly string[] } {
  const several = names.filter((name) => (nodes.get(name)?.instances.length ?? 1) > 1)
  return several.length === 0 ? {} : { replicated: several }
}

/** An event of a life, with the instance that it runs in; as it is where there is only one. */
export function inInstance<E extends object>(
  { instances }: Node,
  { instance }: Life,
  event: E,
): E & { readonly instance?: number } {
  return instances.length === 1 || instance === undefined ? event : { ...event, instance }
}
