// Sites that a loop meets again and again. Pure functions of the sites of one history.
import { fewOf, likeOf } from '../scenario/alike.ts'
import type { Site } from '../scenario/site.ts'

/**
 * Leaves out the middle of alike cycles: if a node does the same again and again on its own, as a poller does, only the
 * sites of few cycles are kept. Sites that a client's operation caused stay.
 */
export function withoutRepeats(sites: readonly Site[]): readonly Site[] {
  return fewOf(sites, ({ address }) => (address.root.kind === 'operation' ? undefined : likeOf(address)))
}
