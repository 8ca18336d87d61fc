// The id of a message: the same for the same call, however often a network delivers that, and another one for a call
// that is made again.
import { rootText } from '../../scenario/address-text.ts'
import { hash32 } from '../../plain/random.ts'
import type { Context } from '../../simulate/context.ts'

/** A UUID (RFC 9562) of the call that brings a message. `index`: which of those that it brings. */
export function messageId({ root, path }: Context, index: number): string {
  const steps = path.map(({ from, to, operation, key = '', nth }) => [from, to, operation, key, nth].join(' '))
  const call = [rootText(root), ...steps, index].join(' | ')
  const hex = [1, 2, 3, 4].map((part) => (hash32(part, call) >>> 0).toString(16).padStart(8, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}
