// What is looked for in a system of which nobody has said what must hold: what hardly any system wants. Each is an
// invariant like others; none of them judges here.
import { asIfAlone } from '../alone/as-if-alone-invariant.ts'
import { noHang } from '../check/no-hang.ts'
import { noLeftovers } from '../check/no-leftovers.ts'
import type { Effect } from '../history/effect.ts'
import type { History, NodeEvent } from '../history/history.ts'
import type { System } from '../system/system.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, violated, type Invariant } from '../verdict/verdict.ts'
import { stubEffects } from './stub-effects.ts'

/** Something that is looked for, in words. */
export interface Lookout {
  readonly invariant: Invariant
  readonly words: string
  /** How to say that it must not happen. @param of what it is about, where that is known */
  readonly toJudge: (of: string | undefined) => string
}

/** Most surprising first. */
export function lookoutsOf(system: Pick<System, 'outside'>): readonly Lookout[] {
  const stubs = stubEffects(system)
  return [
    {
      invariant: diesOfNoError(),
      words: 'a process that ends by an error that nobody caught',
      toJudge: () => 'no invariant is needed, since hardly anybody wants it: catch the error where it is thrown',
    },
    {
      invariant: { ...asIfAlone(stubs), name: 'asIfAlone' },
      words:
        'state (rows of stores, journals, requests that change something outside) that no order of the operations ' +
        'leaves, one after the other and without faults (asIfAlone)',
      toJudge: (of) => stateWords(stubs.find(({ name }) => name === of)),
    },
    {
      invariant: noHang(),
      words: 'an operation or a request that is never answered (noHang)',
      toJudge: () => 'noHang(), or how long is too long: boundedCall(ms)',
    },
    {
      invariant: noLeftovers(),
      words: 'what operations leave open, more and more (noLeftovers)',
      toJudge: () => 'noLeftovers()',
    },
  ]
}

function stateWords(stub: Effect<unknown> | undefined): string {
  const source = stub?.source
  const effect = source?.from === 'requests' ? `requests(name, '${source.method} ${source.url}', parse)` : 'the effect'
  return `exactlyOnce, atMostOnce or atLeastOnce of ${effect}, by a key; or asIfAlone(), which has options`
}

/** How a process ends by a mistake of its own. */
const byMistake: ReadonlySet<unknown> = new Set(['uncaught exception', 'unhandled rejection', 'boot failed'])

function diesOfNoError(): Invariant {
  return {
    kind: 'invariant',
    name: 'no process ends by an error',
    effects: [],
    check(history) {
      const ended = history.events.filter((event) => event.kind === 'crash' && byMistake.has(event.why))
      return ended.length === 0 ? holds : violated(...ended.map((event) => reasonOf(history, event as NodeEvent)))
    },
  }
}

function reasonOf({ notes }: History, { node, seq, why = 'fault', cause }: NodeEvent): Reason {
  const text = notes.find(({ event, printed }) => printed === undefined && (event === seq || event === cause))?.text
  return {
    kind: 'custom',
    of: node,
    text: `A process of ${node} ended: ${why}${text === undefined ? '' : `, ${text}`}.`,
    events: [seq],
  }
}
