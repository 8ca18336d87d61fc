// Anomalies: what can go wrong among transactions, and which models forbid it. Data only.
import { anomalyFailure, type AnomalyName, type Reason } from '../../verdict/reason.ts'
import { ruledOutWith, type ConsistencyModel } from '../../verdict/consistency.ts'

/**
 * The weakest models that forbid each anomaly. After Adya (1999), Bailis et al. (VLDB 2014), Cerone and Gotsman (2016),
 * and Elle.
 */
const forbiddenBy: Readonly<Record<AnomalyName, readonly ConsistencyModel[]>> = {
  'thin air': ['read uncommitted'],
  'duplicate element': ['read uncommitted'],
  G0: ['read uncommitted'],
  G1a: ['read committed'],
  G1b: ['read committed'],
  'future read': ['read committed'],
  'incompatible order': ['read committed'],
  G1c: ['read committed'],
  internal: ['read atomic', 'repeatable read'],
  'lost update': ['cursor stability'],
  'fractured read': ['read atomic', 'consistent view', 'repeatable read'],
  'G-single': ['consistent view', 'repeatable read'],
  'long fork': ['snapshot isolation', 'repeatable read'],
  'G2-item': ['repeatable read'],
}

/** The order among transactions that a cycle uses besides their reads and writes. */
export type TransactionOrder = 'none' | 'session' | 'real time'

/** An anomaly that was found, and the weakest models that forbid it. */
export interface Anomaly {
  readonly name: string
  readonly models: readonly ConsistencyModel[]
  readonly reason: Reason
}

/** Makes an anomaly. With an order, it is a cycle that only models that respect this order forbid. */
export function anomaly(
  name: AnomalyName,
  reason: Omit<Reason, 'kind' | 'of'>,
  order: TransactionOrder = 'none',
): Anomaly {
  const full = order === 'none' ? name : `${name} with ${order}`
  const models = order === 'none' ? forbiddenBy[name] : strong(name, order)
  return {
    name: full,
    models,
    reason: { ...reason, text: `${full}: ${reason.text}`, ...anomalyFailure(name, order), models },
  }
}

function strong(name: AnomalyName, order: 'session' | 'real time'): readonly ConsistencyModel[] {
  if (name === 'G2-item') return [order === 'session' ? 'strong session serializable' : 'strict serializable']
  return [order === 'session' ? 'strong session snapshot isolation' : 'strong snapshot isolation']
}

/** Whether an anomaly violates a model. */
export function rulesOut({ models }: Anomaly, model: ConsistencyModel): boolean {
  return ruledOutWith(models).includes(model)
}

/** Collects the first anomaly of each name; further ones would add nothing. */
export interface Anomalies {
  add(name: AnomalyName, tell: () => Omit<Reason, 'kind' | 'of'>): void
  readonly found: ReadonlyMap<string, Anomaly>
}

export function anomalies(): Anomalies {
  const found = new Map<string, Anomaly>()
  return {
    found,
    add(name, tell) {
      if (!found.has(name)) found.set(name, anomaly(name, tell()))
    },
  }
}
