// tls.connect in a simulation: the same socket without a handshake, of the class of TLSSocket. The certificate is
// always good: what it proves is not simulated.
import net from 'node:net'
import tls from 'node:tls'
import type { Context } from '../../simulate/context.ts'
import { connections, connectSocket, type ConnectOptions } from './connect-socket.ts'
import { normalizedArguments } from './listen.ts'
import type { Sockets } from './sockets-of.ts'

const certificate = { subject: { CN: 'simulated' }, issuer: { CN: 'simulated' } }

const secured = {
  encrypted: true,
  authorized: true,
  authorizationError: null,
  alpnProtocol: false,
  secureConnecting: false,
  getPeerCertificate: () => certificate,
  getCertificate: () => ({}),
  getCipher: () => ({ name: 'TLS_AES_256_GCM_SHA384', standardName: 'TLS_AES_256_GCM_SHA384', version: 'TLSv1.3' }),
  getProtocol: () => 'TLSv1.3',
  getSession: () => undefined,
  getTLSTicket: () => undefined,
  isSessionReused: () => false,
  getEphemeralKeyInfo: () => ({}),
  getFinished: () => undefined,
  getPeerFinished: () => undefined,
  getX509Certificate: () => undefined,
  getPeerX509Certificate: () => undefined,
  setServername: () => undefined,
  setSession: () => undefined,
  setMaxSendFragment: () => true,
  disableRenegotiation: () => undefined,
  enableTrace: () => undefined,
  renegotiate: () => false,
}

/** Below the class's own, so that `instanceof` holds and nothing of it is called that needs a handle. */
const prototype = Object.create(tls.TLSSocket.prototype, Object.getOwnPropertyDescriptors(secured)) as object

/** A connection that counts as encrypted. */
export function connectTls(context: Context, sockets: Sockets, args: readonly unknown[]): net.Socket {
  const [first, callback] = normalizedArguments(args)
  const options: Record<string, unknown> = { ...first }
  for (const one of args.slice(1)) if (typeof one === 'object') Object.assign(options, one)
  const socket = new net.Socket({ allowHalfOpen: false })
  Object.setPrototypeOf(socket, prototype)
  if (typeof callback === 'function') socket.once('secureConnect', callback as () => void)
  if (Number(options['timeout']) > 0) socket.setTimeout(Number(options['timeout']))
  Object.assign(socket, { servername: options['servername'] ?? options['host'] })
  return connectSocket(socket, { sockets, context, isSecure: true }, placeOf(options))
}

/** A socket that is to be encrypted, as behind a proxy or after STARTTLS, leads where it led. */
function placeOf(options: Record<string, unknown>): ConnectOptions {
  const { socket } = options
  const below = socket instanceof net.Socket ? connections.get(socket) : undefined
  if (below === undefined) return options
  below.socket.removeAllListeners('data')
  return { host: typeof options['servername'] === 'string' ? options['servername'] : below.host, port: below.port }
}
