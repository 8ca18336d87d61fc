// What a client asks a server for, as it writes it: a path that no URL is read from (`//x` is no host, and nobody
// resolves `/a/../b`), `*`, or a whole URL, as a proxy is asked for one.
import type { Context } from '../simulate/context.ts'
import type { World } from '../simulate/world.ts'
import type { FindCallee } from './addresses.ts'
import { pathOf, type WireRequest } from './wire.ts'

/** What Node's parser takes for one; a server refuses all else. */
export const readableTarget: RegExp = /^(?:[/*]|[A-Za-z]+:\/\/)[!-~]*$/

/** Where a request leads that asks for this target over a connection to that origin. */
export function placeOf(
  { world, find }: { readonly world: World; readonly find: FindCallee },
  context: Context,
  base: URL,
  target: string,
): Pick<WireRequest, 'url' | 'target'> {
  const whole = target.startsWith('/') ? null : URL.parse(target)
  // Who is no node of the user's and is asked for a whole URL is a proxy, which nobody has to play
  if (whole !== null && world.nodes.get(find(base, context)?.node.name ?? '') === undefined) return { url: whole }
  const url = new URL(base.origin + (whole === null ? target.replace(/^(?!\/)/, '/') : pathOf(whole)))
  return target === pathOf(url) ? { url } : { url, target }
}
