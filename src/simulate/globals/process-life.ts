// Which process running code belongs to: what the platform shares within one process (locks, channels) is shared within
// one incarnation of one instance. An operation's attempts and a client's actors run in their client's process.
import type { Life } from '../context.ts'

/** The life of the whole process. */
export function processOf(life: Life): Life {
  return life.within === undefined ? life : processOf(life.within)
}
