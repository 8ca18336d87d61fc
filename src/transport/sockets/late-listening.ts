// A factory that gave nothing and has not called `listen` yet: its process may do so later, once it has read its
// configuration, say. Until then it refuses connections; if nothing is under way that could lead there, it never will.
import { isDead, type Context } from '../../simulate/context.ts'
import { linksOf } from '../../simulate/link.ts'
import { SetupError } from '../../simulate/setup-error.ts'
import type { World } from '../../simulate/world.ts'
import { listenerOf } from './listen.ts'

/** Called in the boot of a process whose factory gave nothing. */
export function awaitListening(context: Context): void {
  const { life, id } = context
  const world = context.host as World // the only Host that lends contexts is a World
  if (listenerOf(life) !== undefined) return
  life.refuses = true
  const look = (): void => {
    if (isDead(life) || listenerOf(life) !== undefined) return
    if (world.realWork.length > 0) world.soon(context, look)
    else if (!world.timers.isArmedUnder(id) && !linksOf(world).isUnderWay(id)) world.fail(neverListens(life.node))
  }
  world.soon(context, look)
}

function neverListens(node: string): SetupError {
  return new SetupError(
    `serve(): the factory of "${node}" gave undefined and called no listen(). Return a function ` +
      '(Request) => Response, { fetch }, { GET, POST, ... }, or an application or server of node:http. A module that ' +
      'listens as it is imported does so once, and not again after a crash: let it export a function that does.',
  )
}
