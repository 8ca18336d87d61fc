// A sound system for the benchmark `false-alarms`: plain data. Knows no system.
import type { System } from '../../../src/index.ts'

/** A system that keeps its claim: whatever is reported of it is a false alarm. */
export interface Sound {
  /** What somebody would call it. */
  readonly name: string
  /** A new one, with stores of its own. */
  readonly system: () => System
  /** Whether its nodes look again and again for work, which makes histories long. @default false */
  readonly polls?: true
}

/** Waits so many milliseconds of virtual time. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
