// What a server of PostgreSQL says to a client that it lets in, whatever user and password that names.
import { joined, message } from './messages.ts'

/** @param processId by which the client may ask for its statement to be cancelled */
export function greetingOf(parameters: Readonly<Record<string, string>>, processId: number): Uint8Array {
  return joined([
    message('R', 0),
    ...Object.entries(parameters).map(([name, value]) => message('S', name, value)),
    message('K', processId, 1),
    message('Z', new TextEncoder().encode('I')),
  ])
}
