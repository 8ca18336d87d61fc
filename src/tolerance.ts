// The entry point 'two-generals/tolerance': which faults a system absorbs, and what that costs, as a table that can be
// printed, compared with variants of the system, and committed. Nothing in the core imports it.
export {
  compareVariants,
  type VariantChange,
  type VariantComparison,
  type VariantTrade,
} from './tolerance/compare-variants.ts'
export { formatComparison } from './tolerance/format-comparison.ts'
export { degraded, type Degradation } from './tolerance/degraded.ts'
export { toleranceOf, type ToleranceOptions } from './tolerance/explore-tolerance.ts'
export { formatTolerance, type FormatToleranceOptions } from './tolerance/format-tolerance.ts'
export type { Service, SmallestViolation, ToleranceCell, ToleranceRow, ToleranceTable } from './tolerance/table.ts'
export { tolerance, type CommittedTolerance, type ToleranceError } from './tolerance/committed-tolerance.ts'
export type { Worse } from './tolerance/worse.ts'
