// Which consistency models a violation rules out: the weakest one that is violated and the stronger ones with it.
// Nothing is said about weaker models.
import { ruledOutWith, weakestOf } from '../verdict/consistency.ts'
import type { Reason } from '../verdict/reason.ts'
import type { Labelled } from './block.ts'

/** One line, if the reasons name models. */
export function modelEntries(reasons: readonly Reason[]): readonly Labelled[] {
  const models = weakestOf(reasons.flatMap((reason) => reason.models ?? []))
  if (models.length === 0) return []
  const stronger = ruledOutWith(models).filter((model) => !models.includes(model))
  const fallen = stronger.length === 0 ? '' : `; nor the stronger ${stronger.join(', ')}`
  return [{ label: 'Model', text: `not ${models.join(', not ')}${fallen}; weaker models are not ruled out` }]
}
