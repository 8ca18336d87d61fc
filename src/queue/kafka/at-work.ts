// Which members of a group are at work on a message: of these it helps to say that they should be heard of meanwhile.
// One that died, stands still or waits for an answer could not be heard of. Knows no call.
import { isDead, type Context, type Host, type Life } from '../../simulate/context.ts'

const atWork = new WeakMap<Host, Map<string, Life>>()

/** A member begins to work, or does something else. */
export function setAtWork({ host, life }: Context, member: string, works: boolean): void {
  const members = atWork.get(host) ?? new Map<string, Life>()
  atWork.set(host, members)
  if (works) members.set(member, life)
  else members.delete(member)
}

/** Whether the handler of a member works now. */
export function isAtWork(host: Host, member: string): boolean {
  const life = atWork.get(host)?.get(member)
  return life !== undefined && !isDead(life) && life.paused === undefined
}
