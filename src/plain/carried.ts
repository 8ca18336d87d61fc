// Copies a value that crosses a process boundary, so that both sides share no plain objects. Instances of classes and
// functions are passed as they are, since we cannot know how to make them again.

/** A deep copy of arrays, plain objects, dates, maps, sets and bytes; any other value is returned as it is. */
export function carried<T>(value: T): T {
  return copied(value, new Map()) as T // a copy has its original's type
}

function copied(value: unknown, known: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value
  const before = known.get(value)
  if (before !== undefined) return before
  const copy = emptyLike(value)
  known.set(value, copy)
  if (Array.isArray(value) && Array.isArray(copy)) for (const item of value) copy.push(copied(item, known))
  else if (value instanceof Map && copy instanceof Map)
    for (const [key, item] of value) copy.set(copied(key, known), copied(item, known))
  else if (value instanceof Set && copy instanceof Set) for (const item of value) copy.add(copied(item, known))
  else if (isPlain(value))
    for (const [key, item] of Object.entries(value))
      Object.defineProperty(copy, key, {
        value: copied(item, known),
        writable: true,
        enumerable: true,
        configurable: true,
      })
  return copy
}

function emptyLike(value: object): object {
  if (Array.isArray(value)) return []
  if (isPlain(value)) return Object.getPrototypeOf(value) === null ? (Object.create(null) as object) : {}
  switch (Object.getPrototypeOf(value)) {
    case Map.prototype:
      return new Map()
    case Set.prototype:
      return new Set()
    case Uint8Array.prototype:
    case Buffer.prototype:
    case ArrayBuffer.prototype:
      return structuredClone(value)
    default:
      return value instanceof Date ? new Date(value) : value
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
