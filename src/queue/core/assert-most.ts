// The largest values that a provider allows for a setting.

/** Refuses what a provider refuses; undefined stands for the default. */
export function assertMost(what: string, value: number | undefined, most: number, provider: string): void {
  if (value !== undefined && value > most)
    throw new Error(
      `${what} is ${value}; ${provider} allows at most ${most.toLocaleString('en').replaceAll(',', '_')}.`,
    )
}
