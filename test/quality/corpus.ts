// All planted bugs. The corpus is written before anybody tunes the exploration by it, and stays as it is.
import { cacheAfterWrite } from './corpus/cache-after-write.ts'
import { retriedCharge } from './corpus/retried-charge.ts'
import type { Planted } from './planted.ts'

export const corpus: readonly Planted[] = [cacheAfterWrite, retriedCharge]
