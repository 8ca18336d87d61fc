// In plain words, which module wanted a socket and for what, and what to do instead: its caller may never have heard of
// the look-up or the handle by which the kernel notices. Sockets are not simulated.

/** The frames of Node by which each module asks, those that use others first. */
const modules: readonly (readonly [frame: RegExp, name: string, call: string])[] = [
  [/node:internal\/http2\//, 'node:http2', 'connect'],
  [/node:https\b/, 'node:https', 'request'],
  [/node:_http_client\b/, 'node:http', 'request'],
  [/node:_tls_wrap\b/, 'node:tls', 'connect'],
  [/node:dgram\b/, 'node:dgram', 'send'],
  [/node:net\b/, 'node:net', 'connect'],
]

/**
 * What an escape is to be called: its own name where no module of sockets is on the stack.
 *
 * @param seen what was noticed: `dns.lookup`, `TCPCONNECTWRAP`
 * @param host where it was to lead, if that is known
 */
export function socketWords(seen: string, { stack = '' }: Error, host?: string): string {
  const found = modules.find(([frame]) => frame.test(stack))
  if (found === undefined) return seen
  const [, name, call] = found
  if (seen.endsWith('SERVERWRAP'))
    return (
      `a server of ${name} that listens (seen as ${seen}; sockets are not simulated yet: give serve() a Fetch ` +
      'handler)'
    )
  return (
    `${call} of ${name}${host === undefined ? '' : ` to host ${JSON.stringify(host)}`} (seen as ${seen}; sockets are ` +
    'not simulated yet: call it by fetch, put a port() around the client that does it, or make the other side a node ' +
    'by serve() with a Fetch handler)'
  )
}
