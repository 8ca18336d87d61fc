// In plain words, which module wanted a socket and for what, and what to do instead: its caller may never have heard of
// the look-up or the handle by which the kernel notices. Over sockets, HTTP/1.1 is simulated and nothing else.

/** The frames of Node by which each module asks, those that use others first. */
const modules: readonly (readonly [frame: RegExp, name: string, call: string])[] = [
  [/node:internal\/http2\//, 'node:http2', 'connect'],
  [/node:https\b/, 'node:https', 'request'],
  [/node:_http_client\b/, 'node:http', 'request'],
  [/node:_tls_wrap\b/, 'node:tls', 'connect'],
  [/node:dgram\b/, 'node:dgram', 'send'],
  [/node:net\b/, 'node:net', 'connect'],
]

/** What to do where another process or thread is started. */
export const ofProcess = 'run it before the test, or put a port() around the code that starts it'

/** What is noticed by a name that only the kernel has. */
const resources: Readonly<Record<string, string>> = {
  WORKER: `a worker of node:worker_threads (${ofProcess})`,
  PROCESSWRAP: `a process of node:child_process (${ofProcess})`,
  QUERYWRAP: 'a query of node:dns (dns.lookup is simulated)',
}

/**
 * What an escape is to be called: its own name where no module of sockets is on the stack.
 *
 * @param seen what was noticed: `dns.lookup`, `TCPCONNECTWRAP`
 * @param host where it was to lead, if that is known
 */
export function socketWords(seen: string, { stack = '' }: Error, host?: string): string {
  const found = modules.find(([frame]) => frame.test(stack))
  if (found === undefined)
    return Object.hasOwn(resources, seen) ? (resources[seen] ?? seen) : /^a /.test(seen) ? leading(seen, host) : seen
  const [, name, call] = found
  return seen.endsWith('SERVERWRAP')
    ? `a server of ${name} that listens (${onlyHttp})`
    : wordsOfModule(name, call, host)
}

/** The same where the module is known. */
export function wordsOfModule(name: string, call: string, host: string | undefined): string {
  return leading(`${call} of ${name}`, host, name === 'node:http2' ? ', and no gRPC' : '')
}

function leading(what: string, host: string | undefined, neither = ''): string {
  const where = host === undefined ? '' : ` to host ${JSON.stringify(host)}`
  return `${what}${where} (${onlyHttp}${neither}: put a port() around the client that does it)`
}

const onlyHttp = 'only HTTP/1.1 is simulated over sockets'
