// What a node is called in texts for people. Clients are counted from 0 there as everywhere: in saved scenarios, in
// recorded histories, and in the names of their nodes.

/** `client 0`; a provider's process has no number of its own. */
export function clientWords(client: number): string {
  return client < 0 ? 'a provider' : `client ${client}`
}

/** `pay of client 0`, and the operation alone where a provider carries it out, whose name it has. */
export function operationOfClient(operation: string, client: number): string {
  return client < 0 ? operation : `${operation} of ${clientWords(client)}`
}

const clientNode = /^client#(\d+)$/

/** Which client a node is; undefined where it is none. */
export function clientOf(node: string): number | undefined {
  const number = clientNode.exec(node)?.[1]
  return number === undefined ? undefined : Number(number)
}

/** `client#0` as `client 0`; any other node by its name. */
export function nodeWords(node: string): string {
  const client = clientOf(node)
  return client === undefined ? node : clientWords(client)
}
