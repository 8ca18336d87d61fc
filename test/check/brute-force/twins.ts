// Twins of the checkers, written from their definitions: they count again for every key and every moment. Slow and
// simple; share no code with src/check.
import type { History, HistoryEvent } from '../../../src/history/history.ts'
import { asks, ascending, distinct, endsQuietly, facts, keysAreSound, type Ask } from './facts.ts'

/** The result of a twin: the kind and, if it is violated, one line for each contradiction, in any order. */
export interface Finding {
  readonly kind: 'holds' | 'violated' | 'unknown' | 'vacuous'
  readonly contradictions: readonly string[]
}

export function contradiction(cls: string, key: unknown, events: readonly number[]): string {
  return `${cls} | ${typeof key} ${String(key)} | ${events.join(' ')}`
}

export function is(kind: 'holds' | 'unknown' | 'vacuous'): Finding {
  return { kind, contradictions: [] }
}

export function seqsOf(calls: readonly Ask[]): number[] {
  return calls.flatMap(({ invoke, end }) => (end === undefined ? [invoke.seq] : [invoke.seq, end.seq]))
}

export function atMostOnceTwin(history: History): Finding {
  const charges = facts(history, 'charge')
  if (!keysAreSound(charges)) return is('unknown')
  if (charges.length === 0) return is('vacuous')
  const contradictions = distinct(charges.map(({ key }) => key))
    .filter((key) => charges.filter((charge) => charge.key === key).length >= 2)
    .map((key) =>
      contradiction(
        'too-many charge',
        key,
        ascending(charges.filter((charge) => charge.key === key).map(({ when }) => when)),
      ),
    )
  return contradictions.length > 0 ? { kind: 'violated', contradictions } : is('holds')
}

export function exactlyOnceTwin(history: History): Finding {
  return onceTwin(history, { surplus: true })
}

export function atLeastOnceTwin(history: History): Finding {
  return onceTwin(history, { surplus: false })
}

function onceTwin(history: History, { surplus }: { readonly surplus: boolean }): Finding {
  const charges = facts(history, 'charge')
  const pays = asks(history, ['pay'])
  if (!keysAreSound(charges, pays)) return is('unknown')
  const contradictions: string[] = []
  let undecided = false
  for (const key of distinct([...charges, ...pays].map((each) => each.key))) {
    const made = charges.filter((charge) => charge.key === key)
    const asked = pays.filter((pay) => pay.key === key)
    const accepted = asked.filter(({ end }) => end?.kind === 'ok')
    if (surplus && made.length > 1) {
      contradictions.push(
        contradiction('too-many charge', key, ascending([...made.map(({ when }) => when), ...seqsOf(asked)])),
      )
    }
    if (accepted.length > 0 && made.length === 0) {
      if (endsQuietly(history)) contradictions.push(contradiction('missing charge', key, ascending(seqsOf(accepted))))
      else undecided = true
    }
  }
  if (contradictions.length > 0) return { kind: 'violated', contradictions }
  if (undecided) return is('unknown')
  const anyOk = pays.some(({ end }) => end?.kind === 'ok')
  const looked = surplus ? pays.length > 0 && (anyOk || charges.length > 0) : anyOk
  return is(looked ? 'holds' : 'vacuous')
}

export function noPhantomTwin(operations: readonly string[]): (history: History) => Finding {
  return (history) => {
    const charges = facts(history, 'charge')
    const asked = asks(history, operations)
    if (!keysAreSound(charges, asked)) return is('unknown')
    if (charges.length === 0) return is('vacuous')
    const contradictions = distinct(charges.map(({ key }) => key)).flatMap((key) => {
      const about = asked.filter((ask) => ask.key === key)
      const mayHaveHappened = about.some(({ end }) => end === undefined || end.kind === 'ok' || end.kind === 'info')
      if (mayHaveHappened) return []
      const whens = charges.filter((charge) => charge.key === key).map(({ when }) => when)
      return [contradiction('phantom charge', key, ascending([...whens, ...seqsOf(about)]))]
    })
    return contradictions.length > 0 ? { kind: 'violated', contradictions } : is('holds')
  }
}

export function noHangTwin(history: History): Finding {
  const all = asks(history, ['pay', 'buy'])
  if (all.length === 0) return is('vacuous')
  const pending = all.filter(({ end }) => end === undefined)
  if (pending.length === 0) return is('holds')
  if (!endsQuietly(history)) return is('unknown')
  const last = history.events.length - 1
  return {
    kind: 'violated',
    contradictions: pending.map(({ invoke, operation }) =>
      contradiction(`pending ${operation}`, undefined, [invoke.seq, last]),
    ),
  }
}

export function boundedCallTwin(ms: number, operations: readonly string[]): (history: History) => Finding {
  return (history) => {
    const all = asks(history, operations)
    const nowMs = Math.max(...history.events.map((event) => event.atMs))
    const last: HistoryEvent | undefined = history.events.find((event) => event.kind === 'end')
    const late = all.filter(({ invoke, end }) =>
      end === undefined ? endsQuietly(history) || invoke.atMs + ms < nowMs : invoke.atMs + ms < end.atMs,
    )
    if (late.length > 0) {
      return {
        kind: 'violated',
        contradictions: late.map(({ invoke, end, operation }) =>
          contradiction(
            `too-slow ${operation}`,
            undefined,
            [invoke, end ?? last].flatMap((event) => (event === undefined ? [] : [event.seq])),
          ),
        ),
      }
    }
    if (all.length === 0) return is('vacuous')
    return is(all.every(({ end }) => end !== undefined) ? 'holds' : 'unknown')
  }
}

/** For a predicate that does not depend on the order of effects. */
export function alwaysTwin(
  name: string,
  predicate: (values: readonly { quantity: number }[]) => unknown,
): (history: History) => Finding {
  return (history) => {
    const charges = facts(history, 'charge')
    if (charges.length === 0) return is('vacuous')
    const answers = ascending(charges.map(({ when }) => when))
      .concat(charges.some(({ when }) => when === Infinity) ? [Infinity] : [])
      .map((moment) => ({ moment, said: attempt(() => predicate(charges.filter(({ when }) => when <= moment))) }))
    const no = answers.find(({ said }) => said === false || typeof said === 'string')
    if (no !== undefined)
      return { kind: 'violated', contradictions: [contradiction(`custom ${name}`, undefined, ascending([no.moment]))] }
    return is(answers.every(({ said }) => said === true) ? 'holds' : 'unknown')
  }
}

export function attempt(run: () => unknown): unknown {
  try {
    return run()
  } catch {
    return undefined
  }
}

/** Computes the sums from the beginning for every key and every moment. */
export function noOversellTwin(stock: number): (history: History) => Finding {
  return (history) => {
    const [sold, back, levels] = [facts(history, 'charge'), facts(history, 'restock'), facts(history, 'level')]
    if (!keysAreSound([...sold, ...back, ...levels])) return is('unknown')
    const contradictions: string[] = []
    for (const key of distinct(sold.map((sale) => sale.key))) {
      const sales = sold.filter((sale) => sale.key === key)
      const returns = back
        .filter((restock) => restock.key === key)
        .map((restock) => ({ ...restock, when: restock.when === Infinity ? -1 : restock.when }))
      const moment = [...sales, ...returns]
        .map(({ when }) => when)
        .sort((a, b) => (a < b ? -1 : 1))
        .find(
          (at) => sum(sales.filter(({ when }) => when <= at)) > stock + sum(returns.filter(({ when }) => when <= at)),
        )
      if (moment === undefined) continue
      const until = [...sales, ...returns].map(({ when }) => when).filter((when) => when >= 0 && when <= moment)
      contradictions.push(contradiction('oversold', key, ascending(until)))
    }
    for (const key of distinct(levels.map((level) => level.key))) {
      const below = levels.filter((level) => level.key === key && level.quantity < 0).map(({ when }) => when)
      if (below.length > 0) contradictions.push(contradiction('below-zero level', key, ascending([Math.min(...below)])))
    }
    if (contradictions.length > 0) return { kind: 'violated', contradictions }
    return is(sold.length === 0 ? 'vacuous' : 'holds')
  }
}

function sum(list: readonly { quantity: number }[]): number {
  return list.reduce((total, { quantity }) => total + quantity, 0)
}
