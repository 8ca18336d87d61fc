// What is known of a node while a history runs. State alone; what happens to it stands in node.ts.
import type { Life } from './context.ts'
import type { Step } from './scheduler.ts'
import type { Capacity } from '../system/capacity.ts'

/** A user's node, or an outside host (which never crashes). */
export interface Node {
  readonly name: string
  /** One life; absent for an outside host. */
  readonly boot?: () => unknown
  /** Where it runs: as many lives at once as there are of these. At least one. */
  readonly instances: readonly [Instance, ...Instance[]]
  /** Two boots of one instance gave the same object: module memory survived a crash. */
  survived: boolean
  /** Two instances were given the same object: they share their memory. */
  shared: boolean
  /** What boots issue and draw is counted over all of them: they share one root. */
  readonly counts: Map<string, number>
  /** How much each instance does at once; absent where there is no limit. */
  readonly capacity?: Capacity
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
  /** What `boot` gave. */
  app: unknown
  boots: number
  /** Since healing, in a row. */
  failedBoots: number
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

export function newNode(name: string, boot?: () => unknown, instances = 1, capacity?: Capacity): Node {
  const others = Array.from({ length: instances - 1 }, (_, index) => newInstance(index + 2))
  return {
    name,
    instances: [newInstance(1), ...others],
    survived: false,
    shared: false,
    counts: new Map(),
    ...(boot === undefined ? {} : { boot }),
    ...(capacity === undefined ? {} : { capacity }),
  }
}

function newInstance(number: number): Instance {
  return {
    number,
    life: undefined,
    starting: undefined,
    zombies: [],
    app: undefined,
    boots: 0,
    failedBoots: 0,
    gone: false,
    restarting: undefined,
    places: undefined,
  }
}

/** Where a life of a node runs, or ran. */
export function instanceOf({ instances }: Node, { instance = 1 }: Life): Instance {
  return instances[instance - 1] ?? instances[0]
}

/** All lives that a node has now: zombies, those that run, those that start. */
export function livesOf({ instances }: Node): readonly Life[] {
  const lives: Life[] = []
  for (const { zombies, life, starting } of instances) {
    for (const one of zombies) lives.push(one)
    if (life !== undefined) lives.push(life)
    if (starting !== undefined) lives.push(starting)
  }
  return lives
}

/** Whether an instance that is down may stay down: another one lives, or will start again. */
export function mayBeGone({ instances }: Node, instance: Instance): boolean {
  const isDown = instance.life === undefined && instance.starting === undefined // a zombie dies beside its successor
  return isDown && instances.some((other) => other !== instance && !other.gone)
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
