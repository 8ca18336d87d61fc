// The header fields that are about one connection and not about the message (RFC 9110, section 7.6.1), and those that
// frame a body (RFC 9112, section 6): each connection writes its own.

const ofConnection: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
])

/** Whether a field, named in lower case, belongs to its connection. */
export function isOfConnection(name: string): boolean {
  return ofConnection.has(name)
}
