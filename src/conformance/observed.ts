// What a client can observe of an exchange, as plain data that can be compared.
import type { SceneHandler } from './scene.ts'

/** Stands for whatever a client awaits that may fail: what it gave, or what its error looks like. */
export async function settled(work: () => unknown): Promise<unknown> {
  try {
    return { gave: await work() }
  } catch (error) {
    return { threw: looks(error) }
  }
}

/** Classes, codes and the platform's own short messages; engine text is left out. */
function looks(error: unknown): unknown {
  if (!(error instanceof Error)) return { thrown: error }
  const said = ['fetch failed', 'terminated', 'unexpected redirect', 'redirect count exceeded'].includes(error.message)
    ? { message: error.message }
    : {}
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  const type =
    error instanceof TypeError
      ? 'TypeError'
      : error instanceof DOMException
        ? 'DOMException'
        : error instanceof SyntaxError
          ? 'SyntaxError'
          : 'Error'
  return {
    type,
    name: error.name,
    ...said,
    ...code,
    ...(error.cause === undefined ? {} : { cause: looks(error.cause) }),
  }
}

/** Headers that Node adds by itself, with the values it gives them (any, where none stand here). */
const added: Readonly<Record<string, readonly string[]>> = {
  accept: ['*/*'],
  'cache-control': ['no-cache'],
  pragma: ['no-cache'],
  'accept-encoding': ['gzip, deflate', 'br, gzip, deflate', 'gzip, deflate, br, zstd'],
  'accept-language': ['*'],
  connection: [],
  'content-length': [],
  date: [],
  host: [],
  'keep-alive': [],
  'sec-fetch-mode': [],
  'transfer-encoding': [],
  'user-agent': ['node'],
}

/** Headers as their sender gave them. */
export function givenHeaders(headers: Headers): [string, string][] {
  return ([...headers] as [string, string][]).filter(
    ([name, value]) => added[name] === undefined || (added[name].length > 0 && !added[name].includes(value)),
  )
}

/** All that a client sees of a response; reads its body. */
export async function observedResponse(response: Response): Promise<unknown> {
  const { status, ok, url, redirected, type } = response
  const before = response.bodyUsed
  return {
    status,
    ok,
    url,
    redirected,
    type,
    headers: givenHeaders(response.headers),
    hasBody: response.body !== null,
    text: await response.text(),
    used: [before, response.bodyUsed],
  }
}

/** Answers with what it was sent. */
export const echo: SceneHandler = async (request) => {
  const { pathname, search, hash } = new URL(request.url)
  const body = await request.arrayBuffer()
  return Response.json({
    method: request.method,
    path: pathname + search,
    hash,
    headers: givenHeaders(request.headers),
    hex: Buffer.from(body).toString('hex'),
  })
}
