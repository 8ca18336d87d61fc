// What is known of a node while a history runs. State alone; what happens to it stands in node.ts.
import type { Server } from '../message.ts'
import type { Life } from './context.ts'
import type { Step } from './scheduler.ts'

/** A user's node, or an outside host (which never crashes). */
export interface Node {
  readonly name: string
  readonly server: Server
  /** One life; absent for an outside host. */
  readonly boot?: () => unknown
  /** The life that runs now; undefined while it is down. */
  life: Life | undefined
  /** The life that is starting and takes no requests yet. */
  starting: Life | undefined
  /** Lives that were replaced while they were paused: they may go on beside the one that runs now. */
  readonly zombies: Life[]
  /** What `boot` gave. */
  app: unknown
  boots: number
  /** Two boots gave the same object: module memory survived a crash. */
  survived: boolean
  /** Since healing, in a row. */
  failedBoots: number
  /** When it is to start again. */
  restarting: Step | undefined
  /** What boots issue and draw is counted over all of them: they share one root. */
  readonly counts: Map<string, number>
}

export function newNode(name: string, server: Server, boot?: () => unknown): Node {
  return { name, server, life: undefined, starting: undefined, zombies: [], app: undefined, boots: 0, survived: false, failedBoots: 0, restarting: undefined, counts: new Map(), ...(boot === undefined ? {} : { boot }) }
}
