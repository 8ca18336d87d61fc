// Another input instead of an operation: two orders of the item that is sold out at once may do what three of another
// item do. Tries the inputs that the user's arbitrary calls smaller, and that are no shorter.
import { compareInputs } from './compare-size.ts'
import type { ShrinkOptions, Shrinking } from './candidate.ts'
import { keepsApart } from './keeps-apart.ts'
import type { ShrinkSearch } from './shrink-search.ts'
import { substituted } from './substitute.ts'

/** How many inputs of one operation are looked at, and how many candidates are tried. */
const [mostInputs, mostTried] = [8, 24] as const

/** Whether one of several operations could be dropped so. */
export function* inputsInstead(search: ShrinkSearch, options: ShrinkOptions): Shrinking<boolean> {
  const { workload } = search.best
  const { invocations } = workload
  let left = invocations.length < 2 ? 0 : mostTried
  for (const [index, invocation] of invocations.entries()) {
    let looked = 0
    for (const input of options.inputs(invocation)) {
      if (++looked > mostInputs) break
      const other = { invocations: substituted(invocations, index, input) }
      if (compareInputs(other, workload) <= 0 || !keepsApart(workload, other)) continue
      for (const dropped of other.invocations.toReversed()) {
        if (left-- <= 0) return false
        const fewer = search.withInvocations(other.invocations.filter((one) => one !== dropped))
        if (yield* search.attempt(fewer)) return true
      }
    }
  }
  return false
}
