// Cron triggers of Cloudflare: the platform calls a Worker when an expression is due, in UTC. It keeps the right time,
// and calls once, whatever the Worker answers. https://developers.cloudflare.com/workers/configuration/cron-triggers/
import { bootRoot } from '../../scenario/address.ts'
import { bug } from '../../plain/bug.ts'
import { rootContext } from '../../simulate/causal-context.ts'
import { epochMs } from '../../simulate/clock.ts'
import type { Context, Life } from '../../simulate/context.ts'
import { linksOf } from '../../simulate/link.ts'
import type { Server } from '../../simulate/protocol.ts'
import type { World } from '../../simulate/world.ts'
import type { PortReply, PortRequest } from '../../transport/port-protocol.ts'
import { pushProtocol } from '../core/push-call.ts'
import { cronerFor } from '../cron/croner.ts'

/** The platform, as it stands in stories. */
const platform = 'cron'
/** An invocation may take so long, in milliseconds (Cloudflare Workers, "Limits"). */
const longestMs = 900_000

const started = new WeakMap<World, Set<string>>()

/** Calls the node of a context whenever an expression is due; a process that starts again is known. */
export async function trigger(
  context: Context,
  expression: string,
  server: Server<PortRequest, PortReply>,
): Promise<void> {
  const world = context.host as World // the only Host that lends contexts is a World
  const { node: name } = context.life
  const known = started.get(world) ?? new Set()
  started.set(world, known)
  const id = `${name} ${expression}`
  if (known.has(id)) return
  known.add(id)
  const { Cron } = await cronerFor(context, 'cloudflareWorker(): crons', expression)
  const schedule = new Cron(expression, { timezone: 'UTC', paused: true })
  const life: Life = { node: platform, clock: world.clock(platform), dead: false, paused: undefined, incarnation: 1 }
  const own = rootContext(world, life, bootRoot(name), -1, context.cause, new Map(), undefined)
  const node = world.nodes.get(name) ?? bug(`no node "${name}"`)
  const arm = (): void => {
    const nowMs = epochMs + world.nowMs
    const next = schedule.nextRun(new Date(nowMs))
    if (next === null) return
    const scheduledTime = next.getTime()
    world.arm(
      own,
      scheduledTime - nowMs,
      () => {
        linksOf(world).issue(world, own, {
          protocol: pushProtocol(longestMs),
          request: { method: 'scheduled', args: [{ scheduledTime, cron: expression }], isRead: false },
          callee: { node, server },
          answer: () => undefined,
          fail: () => undefined,
        })
        arm()
      },
      false,
    )
  }
  arm()
}
