// What a node is called in texts for people. Clients are counted from 0 there as everywhere: in saved scenarios, in
// recorded histories, and in the names of their nodes.

/** `client 0`. */
export function clientWords(client: number): string {
  return `client ${client}`
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
