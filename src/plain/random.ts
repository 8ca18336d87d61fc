// The keyed random function: the only randomness of the package. The same seed and key give the same number, whatever
// was drawn before, so that dropping one fault changes no other draw.

/** A 32-bit hash of a seed and a text (FNV-1a with the finaliser of MurmurHash3). */
export function hash32(seed: number, text: string): number {
  let h = (0x811c9dc5 ^ seed) >>> 0
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return mix32(h)
}

/** Scatters 32 bits (the finaliser of MurmurHash3). */
export function mix32(value: number): number {
  let h = value
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** A number from 0 up to but not including 1, by seed and key. */
export function chance(seed: number, key: string): number {
  return hash32(seed, key) / 0x1_0000_0000
}

/** A whole number from 0 up to but not including `below`, by seed and key. */
export function pick(seed: number, key: string, below: number): number {
  return Math.floor(chance(seed, key) * below)
}
