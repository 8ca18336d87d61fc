// Whether a fault lasts: it may strike many messages from when it began.
import { faultSpec, type Fault } from '../scenario/fault/registry.ts'

export function lasts({ kind }: Fault): boolean {
  return faultSpec(kind).fields['forMs'] !== undefined
}
