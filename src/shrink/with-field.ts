// One field of a fault set to another value. Must not know any kind of fault.
import type { Fault } from '../scenario/fault/registry.ts'

/** The fault with a value that its spec offers in one of its fields; undefined takes the field away. */
export function withField(fault: Fault, name: string, value: unknown): Fault {
  const { [name]: _, ...rest } = fault as unknown as Readonly<Record<string, unknown>>
  // The cast holds: the same kind, and a value that its spec offers
  return (value === undefined ? rest : { ...rest, [name]: value }) as unknown as Fault
}
