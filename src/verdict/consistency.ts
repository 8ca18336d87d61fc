// Consistency models and their order: which implies which. Data only, with the papers; must not know any checker.

/**
 * A consistency model, by its usual name. Those of transactions are Adya's levels for items (PL-1, PL-2, PL-CS, PL-2+,
 * PL-2.99, PL-SI, PL-3), and their strong forms, which respect the order of each client (strong session) or real time
 * (strong, strict).
 */
export type ConsistencyModel =
  | 'read uncommitted'
  | 'read committed'
  | 'cursor stability'
  | 'read atomic'
  | 'consistent view'
  | 'repeatable read'
  | 'parallel snapshot isolation'
  | 'snapshot isolation'
  | 'serializable'
  | 'strong session snapshot isolation'
  | 'strong snapshot isolation'
  | 'strong session serializable'
  | 'strict serializable'
  | 'read your writes'
  | 'monotonic reads'
  | 'monotonic writes'
  | 'writes follow reads'
  | 'PRAM'
  | 'causal'
  | 'sequential'
  | 'linearizable'

/**
 * What each model implies directly, weaker models first. After Adya, "Weak Consistency" (1999); Bailis et al., "Highly
 * Available Transactions" (VLDB 2014); Cerone et al., "A Framework for Transactional Consistency Models with Atomic
 * Visibility" (CONCUR 2015); Viotti and Vukolić, "Consistency in Non-Transactional Distributed Storage Systems" (2016);
 * Daudjee and Salem for the strong session models (2006).
 */
const implied: Readonly<Record<ConsistencyModel, readonly ConsistencyModel[]>> = {
  'read uncommitted': [],
  'read committed': ['read uncommitted'],
  'cursor stability': ['read committed'],
  'read atomic': ['read committed'],
  'consistent view': ['cursor stability'],
  'repeatable read': ['cursor stability'],
  'parallel snapshot isolation': ['read atomic', 'consistent view'],
  'snapshot isolation': ['parallel snapshot isolation'],
  serializable: ['snapshot isolation', 'repeatable read'],

  'read your writes': [],
  'monotonic reads': [],
  'monotonic writes': [],
  'writes follow reads': [],
  PRAM: ['read your writes', 'monotonic reads', 'monotonic writes'],
  causal: ['PRAM', 'writes follow reads'],
  sequential: ['causal'],
  linearizable: ['sequential'],

  'strong session snapshot isolation': ['snapshot isolation', 'causal'],
  'strong snapshot isolation': ['strong session snapshot isolation'],
  'strong session serializable': ['serializable', 'strong session snapshot isolation', 'sequential'],
  'strict serializable': ['strong session serializable', 'strong snapshot isolation', 'linearizable'],
}

/** All models, weaker ones before those that imply them. */
// The cast holds: these are the keys of the record
export const consistencyModels: readonly ConsistencyModel[] = Object.keys(implied) as ConsistencyModel[]

/** Whether every history of the stronger model is one of the weaker. A model implies itself. */
export function implies(stronger: ConsistencyModel, weaker: ConsistencyModel): boolean {
  return stronger === weaker || implied[stronger].some((next) => implies(next, weaker))
}

/** The models of which no other in the list is weaker. */
export function weakestOf(models: readonly ConsistencyModel[]): readonly ConsistencyModel[] {
  return consistencyModels.filter(
    (one) => models.includes(one) && !models.some((other) => other !== one && implies(one, other)),
  )
}

/** Every model that cannot hold if one of these does not: these and all stronger ones. */
export function ruledOutWith(models: readonly ConsistencyModel[]): readonly ConsistencyModel[] {
  return consistencyModels.filter((one) => models.some((model) => implies(one, model)))
}
