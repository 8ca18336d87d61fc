// The system with those who attack it: where an invariant takes a provider's messages for genuine, somebody else forges
// them. Must not know how an attack is made.
import type { System } from './system.ts'

/**
 * Adds the attackers, once each.
 *
 * @throws where a provider signs nothing, so that nobody could tell a forged message from a genuine one
 */
export function attacked(system: System): System {
  const genuine = new Set(system.invariants.flatMap((invariant) => invariant.genuine ?? []))
  const claimed = system.operations.filter(({ name, provider }) => provider !== undefined && genuine.has(name))
  const attackers = claimed.map(({ name, attack }) => {
    if (attack !== undefined) return attack
    throw new Error(
      `authentic(${name}, ...): webhook("${name}") signs nothing, so that nobody could tell a forged message from a ` +
        'genuine one. Give it `sign`, e.g. standardWebhooks(secret).',
    )
  })
  const added = attackers.filter((attack) => !system.operations.includes(attack))
  return added.length === 0 ? system : { ...system, operations: [...system.operations, ...added] }
}
