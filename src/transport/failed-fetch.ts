// How a `fetch` fails, as undici throws it: class, message and cause are those that code under test looks at. Undici
// knows its own errors by symbols that every copy of it shares, so that `instanceof` holds for each of them.
import { withoutStack } from '../plain/without-stack.ts'
import { portOf } from './addresses.ts'
import { connectionError } from './sockets/socket-errors.ts'
import { undiciConnectMs } from './unconnected.ts'

/** A failed fetch as undici throws it. `failure`: a known one, or the message of its cause. `url`: what was asked. */
export function failedFetch(failure: string, url?: URL): TypeError {
  return new TypeError('fetch failed', { cause: causeOf(failure, url) ?? new Error(failure) })
}

/** A body that breaks off, as undici throws it. */
export function terminatedFetch(failure: string): TypeError {
  return new TypeError('terminated', {
    cause: failure === 'timeout' ? undiciTimeout('body') : causeOf(failure),
  })
}

/** Undici gave up connecting to where a URL leads. */
export function undiciConnectTimeout(url: URL, limitMs: number = undiciConnectMs): Error {
  return undiciError(
    `Connect Timeout Error (attempted address: ${url.hostname}:${portOf(url)}, timeout: ${limitMs}ms)`,
    'ConnectTimeoutError',
    'UND_ERR_CONNECT_TIMEOUT',
  )
}

/** Undici waited too long for a head, or for more of a body. */
export function undiciTimeout(part: 'headers' | 'body'): Error {
  return part === 'headers'
    ? undiciError('Headers Timeout Error', 'HeadersTimeoutError', 'UND_ERR_HEADERS_TIMEOUT')
    : undiciError('Body Timeout Error', 'BodyTimeoutError', 'UND_ERR_BODY_TIMEOUT')
}

function causeOf(failure: string, url?: URL): Error | undefined {
  switch (failure) {
    case 'closed':
      return undiciError('other side closed', 'SocketError', 'UND_ERR_SOCKET')
    case 'timeout':
      return undiciTimeout('headers')
    case 'unreachable':
      return url === undefined ? undefined : undiciConnectTimeout(url)
    default:
      return connectionError(failure, url?.hostname ?? '', url === undefined ? 0 : portOf(url))
  }
}

function undiciError(message: string, name: string, code: string): Error {
  const error = Object.assign(
    withoutStack(() => new Error(message)),
    { name, code },
  )
  for (const known of ['UND_ERR', code])
    Object.defineProperty(error, Symbol.for(`undici.error.${known}`), { value: true })
  return error
}
