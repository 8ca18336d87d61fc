// What a world is made for: one scenario, what the adversary does to it, and how closely it is watched.
import type { Adversary } from '../scenario/plan.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Store } from '../system/store.ts'
import type { Alone } from '../verdict/verdict.ts'

export interface WorldOptions {
  readonly scenario: Scenario
  readonly adversary: Adversary
  readonly stores: readonly Store[]
  /** List the sites met, for the catalogue. */
  readonly collect: boolean
  /** Operations whose sender repeats unanswered requests. */
  readonly repeated: ReadonlySet<string>
  /** Keep the details for a story. */
  readonly annotate: boolean
  /** Let loops go round long enough for what code counts in memory, before they count as such. */
  readonly patient: boolean
  /** Methods of ports that are known to be asynchronous, with those that this history discovers. */
  readonly portCalls: Set<string>
  /** All wall clocks are ahead. @default they are right */
  readonly alone?: Pick<Alone, 'aheadMs'> | undefined
}
