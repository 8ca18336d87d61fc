// Runs several parts of an exploration side by side, one history of each in turn, since nobody knows which of them will
// find a bug first. A part that is over leaves its share to the others. Must not know what the parts do.

/** Runs one history a step. Its value is how the exploration ends; undefined: it is over and found nothing. */
export type Part<R> = AsyncGenerator<void, R | undefined>

/** A part, and how many steps it takes for each one of a part with share 1. */
export interface Shared<R> {
  readonly part: Part<R>
  readonly share: number
  /** Whether it leaves its turns to the others for now. @default never */
  readonly waits?: () => boolean
}

/**
 * How the exploration ends, by the first part that ends it; undefined where all are over and found nothing, or where
 * `stops` says so before a step.
 */
export async function interleave<R>(
  parts: readonly Shared<R>[],
  stops: () => boolean = () => false,
): Promise<R | undefined> {
  let left = parts.map((one) => ({ ...one, steps: 0 }))
  while (!stops()) {
    const ready = left.filter(({ waits }) => waits?.() !== true)
    const [first, ...others] = ready.length === 0 ? left : ready
    if (first === undefined) return undefined
    // The part that is furthest behind its share; of equal ones the first
    const next = others.reduce((best, one) => (one.steps / one.share < best.steps / best.share ? one : best), first)
    const { done, value } = await next.part.next()
    next.steps += 1
    if (done !== true) continue
    if (value !== undefined) return value
    left = left.filter((one) => one !== next)
  }
  return undefined
}
