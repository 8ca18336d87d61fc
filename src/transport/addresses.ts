// Which node a URL leads to: by its origin; on this machine's own address, by the port on which a node listens; by its
// name alone, at any port and scheme; and to a host outside where somebody stubs it.
import { isIP } from 'node:net'
import { mostSimilar } from '../plain/suggestion.ts'
import type { Reach } from '../scenario/site.ts'
import { nameOnLinks, type Context } from '../simulate/context.ts'
import { SetupError } from '../simulate/setup-error.ts'
import type { World } from '../simulate/world.ts'
import type { HttpCallee } from './http.ts'
import { socketsOfWorld } from './sockets/sockets-of.ts'
import type { WireRequest } from './wire.ts'

/** A node, and the origin at which it answers. */
export interface Reachable {
  readonly callee: HttpCallee
  readonly origin: string
}

/** Hosts that are stubbed. */
export interface OutsideHosts {
  /** The host's node; made as it is called first. */
  at(url: URL): HttpCallee
  /** Whether a handler names its origin. */
  names(url: URL): boolean
}

/** Undefined where nobody answers. `from`: who asks. */
export type FindCallee = (url: URL, from: Context | undefined) => HttpCallee | undefined

/** How calls of one world find their callee. */
export function addresses(world: World, nodes: readonly Reachable[], outside: OutsideHosts | undefined): FindCallee {
  const byOrigin = new Map(nodes.map(({ callee, origin }) => [origin, callee]))
  const byHost = new Map<string, Set<HttpCallee>>()
  for (const { callee, origin } of nodes)
    for (const host of [callee.node.name.toLowerCase(), new URL(origin).hostname])
      byHost.set(host, (byHost.get(host) ?? new Set()).add(callee))
  const named = ({ hostname }: URL): HttpCallee | undefined => {
    const [only, second] = byHost.get(hostname) ?? []
    return second === undefined ? only : undefined
  }
  const onThisMachine = (url: URL, from: Context | undefined): HttpCallee | undefined => {
    const port = portOf(url)
    const names = new Set(socketsOfWorld(world)?.ports.get(port))
    const found = nodes.filter(
      ({ callee, origin }) =>
        names.has(callee.node.name) || (isLoopback(new URL(origin)) && portOf(new URL(origin)) === port),
    )
    const own = found.find(({ callee }) => callee.node.name === from?.life.node)
    if (own === undefined && found.length > 1) world.fail(new SetupError(twoNodes(url, found)))
    return (own ?? found[0])?.callee
  }
  return (url, from) =>
    byOrigin.get(url.origin) ??
    (outside?.names(url) === true
      ? outside.at(url)
      : ((isLoopback(url) ? onThisMachine(url, from) : named(url)) ?? outside?.at(url)))
}

/** The port of a URL, written or not. */
export function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}

/** A host that is an address, or this machine's own, is not looked up. */
export function reachOf({ hostname }: URL): { readonly reach?: Reach } {
  return isAddress(hostname) || hostname === 'localhost' ? byAddress : byName
}

const byAddress = { reach: 'by address' } as const
const byName = {}

/** Of a URL, where those of IPv6 stand in brackets. Asked for each call, and few hosts begin as an address does. */
function isAddress(hostname: string): boolean {
  const first = hostname[0] ?? ''
  return first === '[' || (first >= '0' && first <= '9' && isIP(hostname) !== 0)
}

function isLoopback({ hostname }: URL): boolean {
  return (
    hostname === 'localhost' || hostname === '[::1]' || hostname === '0.0.0.0' || /^127(?:\.\d+){3}$/.test(hostname)
  )
}

function twoNodes({ origin }: URL, found: readonly Reachable[]): string {
  const names = found.map(({ callee }) => `"${callee.node.name}"`).join(' and ')
  return (
    `${origin} leads to ${names}: each listens on that port, as on a machine of its own. Call it by its name, as in ` +
    `http://${found[0]?.callee.node.name ?? ''}, or give each a port of its own.`
  )
}

/** Nobody answers a request. */
export function unknownUrl(world: World, { life }: Context, { method, url }: WireRequest): SetupError {
  const names = [...world.nodes.keys()]
  const nodes = names.map((name) => `http://${name}`).join(', ')
  return new SetupError(
    `"${nameOnLinks(life)}" called ${method} ${url.href}, and nobody answers there. ` +
      `The nodes are ${nodes}. ${didYouMean(world, url)}Name the node after the host, give it ` +
      `\`at: "${url.origin}"\`, or stub the host with an msw handler in \`outside\`.`,
  )
}

/** The node that was meant, perhaps: by its port on this machine, or by a similar name. Ends with a space. */
export function didYouMean(world: World, url: URL): string {
  if (isLoopback(url)) {
    const ports = [...(socketsOfWorld(world)?.ports ?? [])].map(
      ([port, names]) => `${[...names].join(', ')} on ${port}`,
    )
    return ports.length === 0 ? '' : `On this machine listen: ${ports.join('; ')}. `
  }
  const near = mostSimilar(url.hostname, [...world.nodes.keys()])
  return near === undefined ? '' : `Did you mean http://${near}? `
}
