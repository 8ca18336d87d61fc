// The two speeds of the tests. `npm test` is quick: it compares fewer histories and shrinks fewer failures, and it
// skips what takes long by its nature, which is tagged `full`. `npm run test:all` runs everything, under the same
// names.
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** Set in vitest.config.ts: `vitest run --mode full`. */
    readonly full: boolean
  }
}

/** Whether everything is asked for. */
export const full: boolean = inject('full')

/** How many of something that is worth repeating: all of them, or a tenth. */
export function amount(all: number): number {
  return full ? all : Math.ceil(all / 10)
}
