// Three voters that keep their votes in memory (PHENOMENA 14, 15): two restarts after the first election let the other
// candidate win the same term, and there are two leaders.
import * as fc from 'fast-check'
import { always, journal, map, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

const voters = ['x', 'y', 'z'] as const

function system(sound: boolean): System {
  const kept = new Map(voters.map((name) => [name, new Map<string, string>()]))
  const elected = journal<string>('election')
  const bootVoter = (votes: Map<string, string>) => () => {
    const cast = sound ? votes : new Map<string, string>()
    return async (request: Request): Promise<Response> => {
      const candidate = (await request.json()) as string
      if (!cast.has('term 1')) cast.set('term 1', candidate)
      return answer(cast.get('term 1') === candidate ? 200 : 409)
    }
  }
  const candidate = (name: string) => async (): Promise<Response> => {
    const vote = async (voter: string): Promise<boolean> =>
      post(`http://${voter}/`, name, { signal: AbortSignal.timeout(1_000) }).then(
        ({ status }) => status === 200,
        () => false,
      )
    const votes = await Promise.all(voters.map(vote))
    if (votes.filter(Boolean).length < 2) return answer(503)
    elected.add(name)
    return answer(200)
  }
  const stand = op('stand', fc.constantFrom('ann', 'bea'), (name) => post(`http://${name}/`, name), { timeout: 5_000 })
  return {
    nodes: {
      ann: serve(() => candidate('ann')),
      bea: serve(() => candidate('bea')),
      ...Object.fromEntries([...kept].map(([name, votes]) => [name, serve(bootVoter(votes))])),
    },
    stores: [...kept].map(([name, votes]) => map(votes, { name: `votes-${name}` })),
    operations: [stand],
    invariants: [always('a term has one leader', elected, (all) => new Set(all).size <= 1)],
  }
}

const vote = (voter: string): string => `stand#0 | client -> ann POST / 1 | ann -> ${voter} POST / 1 reply`

export const forgottenVotes: Planted = {
  name: 'two voters forget their votes',
  depth: 2,
  phenomena: [14, 15],
  system,
  smallest: scenarioOf(
    [
      { operation: 'stand', input: 'ann' },
      { operation: 'stand', input: 'bea', afterMs: 2_000 },
    ],
    [
      { kind: 'crash', at: vote('x'), node: 'x', restartAfterMs: 1_000, moment: 'after' },
      { kind: 'crash', at: vote('y'), node: 'y', restartAfterMs: 1_000, moment: 'after' },
    ],
  ),
}
