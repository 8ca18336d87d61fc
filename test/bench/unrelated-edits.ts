// Edits of a system that have nothing to do with its bug, as its authors make them every day, done around any system:
// its nodes, its operations' limits, and every call that leaves it. Must not know what a system does.
import { current } from '../../src/simulate/context.ts'
import { serve, type Scenario, type System, type ToleratedFault } from '../../src/index.ts'
import type { NodeDefinition } from '../../src/system/system.ts'

/** An edit; none where there is nothing to edit in such a way. */
export type Edit = (system: System, scenario: Scenario) => System | undefined

export const unrelatedEdits: Readonly<Record<string, Edit>> = {
  'an extra call before': (system) =>
    withNode(
      'audit',
      () => new Response(null, { status: 204 }),
      around(system, async () => {
        await fetch('http://audit/seen', { method: 'POST', body: '{}' }).catch(() => undefined)
      }),
    ),
  'another latency': (system) =>
    around(
      system,
      () =>
        new Promise((resolve) => {
          setTimeout(resolve, 7)
        }),
    ),
  'another timeout': longerTimeouts,
  'another field in the body': (system) => calling(system, (send) => (url, init) => send(url, withField(init))),
  'a call moved into a helper service': moved,
}

/** Each limit of an operation is a fifth longer. An operation may be a probe as well: it stays one operation. */
function longerTimeouts(system: System): System | undefined {
  const { operations, probe } = system
  if (operations.every(({ timeout }) => timeout === undefined)) return undefined
  const longer = new Map(
    [...operations, ...(probe ?? [])].map((operation) => [
      operation,
      { ...operation, timeout: operation.timeout === undefined ? undefined : Math.ceil(operation.timeout * 1.2) },
    ]),
  )
  const edited = (all: System['operations']): System['operations'] => all.map((one) => longer.get(one) ?? one)
  return { ...system, operations: edited(operations), ...(probe === undefined ? {} : { probe: edited(probe) }) }
}

/** Every node does something else before it handles a request. */
function around(system: System, before: () => Promise<unknown>): System {
  return withNodes(system, (definition) => ({
    ...definition,
    async handle(app, request) {
      await before()
      return definition.handle(app, request)
    },
  }))
}

function withNodes(system: System, change: (definition: NodeDefinition) => NodeDefinition): System {
  return {
    ...system,
    nodes: Object.fromEntries(Object.entries(system.nodes).map(([name, definition]) => [name, change(definition)])),
  }
}

function withNode(name: string, handler: (request: Request) => Response | Promise<Response>, system: System): System {
  return { ...system, nodes: { ...system.nodes, [name]: serve(() => handler) } }
}

/** `fetch` as nearly all code uses it. */
type Send = (url: string, init: RequestInit | undefined) => Promise<Response>

/** Every call that gives a URL as text goes through `change`. The simulation lends its fetch for each history anew. */
function calling(system: System, change: (send: Send) => Send): System {
  let changed: typeof fetch | undefined
  return withNodes(system, (definition) => ({
    ...definition,
    boot() {
      if (globalThis.fetch !== changed) {
        const simulated = globalThis.fetch
        const send = change(simulated)
        changed = (input, init) =>
          typeof input === 'string' || input instanceof URL ? send(String(input), init) : simulated(input, init)
        globalThis.fetch = changed
      }
      return definition.boot()
    },
  }))
}

/** A field more in a JSON object. */
function withField(init: RequestInit | undefined): RequestInit | undefined {
  if (typeof init?.body !== 'string' || !init.body.startsWith('{')) return init
  const body: unknown = JSON.parse(init.body)
  // The cast holds: what begins with a brace is an object
  return { ...init, body: JSON.stringify({ ...(body as object), note: 'unrelated' }) }
}

/** Calls of one service to another go through a helper: those that a fault strikes, where there are such. */
function moved(system: System, { plan }: Scenario): System | undefined {
  const faults = plan.kind === 'listed' ? plan.faults : []
  const stores = new Set((system.stores ?? []).map(({ name }) => name))
  const steps = faults.flatMap(({ at }) => [at, ...at.path])
  const struck = steps.find(({ from, to }) => from in system.nodes && from !== to && !stores.has(to) && to !== 'boot')
  if (struck === undefined) return undefined
  const { from, to } = struck
  const origins = new Map(
    Object.entries(system.nodes).map(([name, { at }]) => [at ?? `http://${name.toLowerCase()}`, name]),
  )
  const isMoved = (url: URL): boolean => current()?.life.node === from && (origins.get(url.origin) ?? url.host) === to
  const forwarding = calling(system, (send) => (url, init) => {
    const parsed = new URL(url)
    if (!isMoved(parsed)) return send(url, init)
    const headers = new Headers(init?.headers)
    headers.set(forwardTo, url)
    return send(`http://helper${parsed.pathname}${parsed.search}`, { ...init, headers })
  })
  return withNode(
    'helper',
    forward,
    claimingBoth(forwarding, `${from} -> ${to}`, [`${from} -> helper`, `helper -> ${to}`]),
  )
}

/** A claim about a link holds for both of its halves then: with the old one, no named fault would ever fire. */
function claimingBoth(system: System, link: string, halves: readonly string[]): System {
  const { tolerates } = system
  const byLink = tolerates as Readonly<Record<string, readonly ToleratedFault[]>> | undefined
  const kinds = byLink?.[link]
  if (kinds === undefined) return system
  return { ...system, tolerates: { ...byLink, ...Object.fromEntries(halves.map((half) => [half, kinds])) } }
}

const forwardTo = 'x-forward-to'

async function forward(request: Request): Promise<Response> {
  const headers = new Headers(request.headers)
  const url = headers.get(forwardTo) ?? ''
  headers.delete(forwardTo)
  const body = request.body === null ? {} : { body: await request.text() }
  return fetch(url, { method: request.method, headers, ...body })
}
