// Which consistency models a violation leaves: the one that it breaks, those that fall with it, and that nothing is
// said of weaker ones.
import { ruledOutWith, weakestOf } from '../verdict/consistency.ts'
import type { Reason } from '../verdict/reason.ts'
import type { Labelled } from './block.ts'

/** One line, where the reasons name models. */
export function modelEntries(reasons: readonly Reason[]): readonly Labelled[] {
  const models = weakestOf(reasons.flatMap((reason) => reason.models ?? []))
  if (models.length === 0) return []
  const stronger = ruledOutWith(models).filter((model) => !models.includes(model))
  const fallen = stronger.length === 0 ? '' : `; nor the stronger ${stronger.join(', ')}`
  return [{ label: 'Model', text: `not ${models.join(', not ')}${fallen}; weaker models are not ruled out` }]
}
