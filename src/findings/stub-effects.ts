// What the stubs of a system are asked to change, as effects: nobody has to declare them. Reads the handlers of msw, of
// each of its versions.
import { requests, type Effect } from '../history/effect.ts'
import type { System } from '../system/system.ts'

/** Methods that change something (RFC 9110, section 9.2.1). */
const changes: ReadonlySet<unknown> = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

/** An effect for each handler that changes something: `POST /v1/charges`. Idempotency keys count, as usual. */
export function stubEffects({ outside }: Pick<System, 'outside'>): readonly Effect<unknown>[] {
  const handlers = outside === undefined ? [] : 'listHandlers' in outside ? outside.listHandlers() : outside
  const urls = [...new Set(handlers.flatMap(urlOf))]
  const paths = urls.map((url) => url.replace(/ https?:\/\/[^/]+/, ' '))
  return urls.map((url, index) => {
    const path = paths[index] ?? url
    const isOnly = paths.filter((other) => other === path).length === 1
    return requests(isOnly ? path : url, url, bodyOf, { replays: 'idempotency-key' })
  })
}

/** `POST https://api.payments.example/v1/charges`; none where the handler takes several, or only looks. */
function urlOf(handler: unknown): readonly string[] {
  const { info } = handler as { readonly info?: { readonly method?: unknown; readonly path?: unknown } }
  const { method, path } = info ?? {}
  return changes.has(method) && typeof path === 'string' && /^https?:\/\/[^*?()]+$/.test(path)
    ? [`${String(method)} ${path}`]
    : []
}

async function bodyOf(request: Request): Promise<unknown> {
  const text = await request.text()
  try {
    return JSON.parse(text)
  } catch {
    return text // a form, XML, or nothing
  }
}
