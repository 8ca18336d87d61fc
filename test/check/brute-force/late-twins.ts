// More twins, written from the definitions: of final states, answers, snapshots, states and retries. Shares no code
// with src/check.
import { rootText } from '../../../src/scenario/address-text.ts'
import type { History, HistoryEvent, Send } from '../../../src/history/history.ts'
import { asks, ascending, distinct, endsQuietly, facts, keysAreSound, type Ask } from './facts.ts'
import { attempt, contradiction, is, seqsOf, type Finding } from './twins.ts'

function finding(contradictions: readonly string[], otherwise: Finding): Finding {
  return contradictions.length > 0 ? { kind: 'violated', contradictions } : otherwise
}

function lost(effect: string, operation: string, history: History): string[] {
  const [there, asked] = [facts(history, effect), asks(history, [operation])]
  return distinct(asked.map(({ key }) => key)).flatMap((key) => {
    const accepted = asked.filter((ask) => ask.key === key && ask.end?.kind === 'ok')
    return accepted.length === 0 || there.some((fact) => fact.key === key)
      ? []
      : [contradiction(`missing ${effect}`, key, ascending(seqsOf(accepted)))]
  })
}

function unasked(effect: string, operation: string, history: History): string[] {
  const [there, asked] = [facts(history, effect), asks(history, [operation])]
  return distinct(there.map(({ key }) => key)).flatMap((key) => {
    const about = asked.filter((ask) => ask.key === key)
    if (about.some(({ end }) => end?.kind !== 'fail')) return []
    const whens = there.filter((fact) => fact.key === key).map(({ when }) => when)
    return [contradiction(`phantom ${effect}`, key, ascending([...whens, ...seqsOf(about)]))]
  })
}

export function ackDurableTwin(history: History): Finding {
  const [charges, pays] = [facts(history, 'charge'), asks(history, ['pay'])]
  if (!keysAreSound(charges, pays)) return is('unknown')
  const [gone, extra] = [lost('charge', 'pay', history), unasked('charge', 'pay', history)]
  if (extra.length > 0 || (gone.length > 0 && endsQuietly(history)))
    return finding(endsQuietly(history) ? [...gone, ...extra] : extra, is('holds'))
  if (gone.length > 0) return is('unknown')
  return is(charges.length > 0 || pays.some(({ end }) => end?.kind === 'ok') ? 'holds' : 'vacuous')
}

export function convergenceTwin(names: readonly string[], operation?: string): (history: History) => Finding {
  return (history) => {
    const asked = operation === undefined ? [] : asks(history, [operation])
    if (operation !== undefined && !names.every((name) => keysAreSound(facts(history, name), asked)))
      return is('unknown')
    if (!endsQuietly(history)) return is('unknown')
    const bag = (name: string): string =>
      facts(history, name)
        .map(({ key, quantity }) => `${String(key)}*${quantity}`)
        .sort()
        .join(' ')
    const [first = ''] = names
    const contradictions = [
      ...names
        .filter((name) => bag(name) !== bag(first))
        .map((name) => contradiction(`diverged ${first} and ${name}`, undefined, [])),
      ...(operation === undefined
        ? []
        : names.flatMap((name) => [...lost(name, operation, history), ...unasked(name, operation, history)])),
    ]
    const looked = names.some((name) => bag(name) !== '') || asked.some(({ end }) => end?.kind === 'ok')
    return finding(contradictions, is(looked ? 'holds' : 'vacuous'))
  }
}

/** Compares every pair of calls. */
export function idempotentReplayTwin(history: History): Finding {
  const pays = asks(history, ['pay'])
  if (pays.some(({ key }) => key === undefined)) return is('unknown')
  const contradictions: string[] = []
  let telling = false
  for (const key of distinct(pays.map((pay) => pay.key))) {
    const about = pays.filter((pay) => pay.key === key)
    const accepted = about.filter(({ end }) => end?.kind === 'ok')
    const [first] = accepted
    if (first === undefined) continue
    telling ||=
      accepted.length > 1 || about.some((pay) => pay.end?.kind === 'fail' && quantity(pay) !== quantity(first))
    const other = accepted.find((pay) => quantity(pay) !== quantity(first))
    if (other !== undefined)
      contradictions.push(contradiction('reused-key pay', key, ascending(seqsOf([first, other]))))
    for (const payload of distinct(accepted.map(quantity))) {
      const alike = accepted.filter((pay) => quantity(pay) === payload)
      const earliest = alike.toSorted((a, b) => endOf(a) - endOf(b))
      const differs = earliest.find((pay) => body(pay) !== body(earliest[0]))
      if (earliest[0] !== undefined && differs !== undefined)
        contradictions.push(contradiction('different-answers pay', key, ascending(seqsOf([earliest[0], differs]))))
    }
  }
  return finding(contradictions, is(telling ? 'holds' : 'vacuous'))
}

function quantity({ invoke }: Ask): unknown {
  // As random-replays writes them
  return invoke.kind === 'invoke' ? (invoke.input as { quantity: unknown }).quantity : undefined
}

function body(pay: Ask | undefined): unknown {
  // As random-replays writes them
  return pay?.end?.kind === 'ok' ? (pay.end.value as { body: unknown }).body : undefined
}

function endOf({ end }: Ask): number {
  return end?.seq ?? -1
}

export function finalSumTwin(total: number): (history: History) => Finding {
  return (history) => {
    const charges = facts(history, 'charge')
    let sum = 0
    for (const charge of charges) sum += charge.quantity
    if (sum === total) return is(charges.length === 0 ? 'vacuous' : 'holds')
    if (!endsQuietly(history)) return is('unknown')
    return finding(
      [
        contradiction(
          `${sum > total ? 'above' : 'below'}-total charge`,
          undefined,
          ascending([...charges.map(({ when }) => when), history.events.length - 1]),
        ),
      ],
      is('holds'),
    )
  }
}

export function eachSumTwin(total: number): (history: History) => Finding {
  return (history) => {
    const charges = facts(history, 'charge')
    if (charges.length === 0) return is('vacuous')
    return finding(
      charges
        .filter((charge) => charge.quantity !== total)
        .map(({ quantity: sum, when }) =>
          contradiction(`${sum > total ? 'above' : 'below'}-total charge`, undefined, ascending([when])),
        ),
      is('holds'),
    )
  }
}

/**
 * Compares every pair of states of a key, and takes the earliest one that contradicts an earlier one. No `terminal` for
 * versions.
 */
export function monotonicTwin(
  order: readonly number[] | undefined,
  terminal: readonly number[],
): (history: History) => Finding {
  return (history) => {
    const charges = facts(history, 'charge')
    if (!keysAreSound(charges)) return is('unknown')
    const rank = (state: number): number => (order === undefined ? state : order.indexOf(state))
    const contradictions: string[] = []
    let compared = false
    for (const key of distinct(charges.map((charge) => charge.key))) {
      const about = charges
        .filter((charge) => charge.key === key)
        .toSorted((a, b) => (a.when === b.when ? 0 : a.when < b.when ? -1 : 1))
      const odd = about.find((charge) => order?.includes(charge.quantity) === false)
      if (odd !== undefined) contradictions.push(contradiction('undeclared-state charge', key, ascending([odd.when])))
      const timed = about.filter(({ when }) => when !== Infinity)
      compared ||= distinct(timed.map(({ when }) => when)).length > 1
      const sound = (charge: { readonly quantity: number }): boolean => order?.includes(charge.quantity) !== false
      const over = (a: (typeof timed)[number], b: (typeof timed)[number]): boolean =>
        a.when < b.when && terminal.includes(a.quantity) && b.quantity !== a.quantity
      const back = (a: (typeof timed)[number], b: (typeof timed)[number]): boolean =>
        a.when < b.when && rank(b.quantity) < rank(a.quantity)
      const known = timed.filter(sound)
      const wrong = known.find((b) => known.some((a) => over(a, b) || back(a, b)))
      if (wrong === undefined) continue
      const final = known.find((a) => over(a, wrong))
      const first = final ?? known.find((a) => back(a, wrong))
      contradictions.push(
        contradiction(
          final === undefined ? 'went-back charge' : 'after-the-end charge',
          key,
          ascending([first?.when ?? Infinity, wrong.when]),
        ),
      )
    }
    return finding(contradictions, is(compared ? 'holds' : 'vacuous'))
  }
}

export function eventuallyTwin(
  name: string,
  predicate: (values: readonly { quantity: number }[]) => unknown,
): (history: History) => Finding {
  return (history) => {
    const charges = facts(history, 'charge')
    if (charges.length === 0 && asks(history, ['pay', 'buy']).length === 0) return is('vacuous')
    if (!endsQuietly(history)) return is('unknown')
    const said = attempt(() => predicate(charges))
    if (said === true) return is('holds')
    if (said !== false && typeof said !== 'string') return is('unknown')
    return finding([contradiction(`custom ${name}`, undefined, [history.events.length - 1])], is('holds'))
  }
}

/** Evaluates a predicate, which does not depend on the order of effects, at every moment. */
export function sometimesTwin(
  predicate: (values: readonly { quantity: number }[]) => unknown,
): (history: History) => Finding {
  return (history) => {
    const charges = facts(history, 'charge')
    const moments = distinct(charges.map(({ when }) => when))
    const answers = moments.map((moment) => attempt(() => predicate(charges.filter(({ when }) => when <= moment))))
    if (answers.includes(true)) return is('holds')
    return is(answers.some((said) => said !== false) ? 'unknown' : 'vacuous')
  }
}

export interface Limits {
  readonly attempts?: number
  readonly perOperation?: number
  readonly backoffMs?: number
  readonly honourRetryAfter?: boolean
}

/** Judges each claim for each request by searching the whole history. */
export function retryBudgetTwin(
  { attempts, perOperation, backoffMs, honourRetryAfter }: Limits,
  link?: string,
): (history: History) => Finding {
  return (history) => {
    const all = history.events
      .filter((event): event is Send => event.kind === 'send' && event.request === -1)
      .filter(({ address }) => link === undefined || link === `${address.from} -> ${address.to}`)
    const contradictions: string[] = []
    let looked = false
    for (const call of callsIn(history, all)) {
      const on = `${call[0]?.address.from} -> ${call[0]?.address.to}`
      if (attempts !== undefined) {
        looked = true
        if (call.length > attempts)
          contradictions.push(
            contradiction(
              `too-many-attempts ${on}`,
              undefined,
              call.map(({ seq }) => seq),
            ),
          )
      }
      call.forEach((send, index) => {
        const next = call[index + 1]
        const heard = answerOf(history, send)
        if (backoffMs !== undefined && next !== undefined) {
          looked = true
          if (next.atMs < (heard ?? send).atMs + backoffMs) {
            contradictions.push(
              contradiction(`retried-too-soon ${on}`, undefined, [
                send.seq,
                ...(heard === undefined ? [] : [heard.seq]),
                next.seq,
              ]),
            )
          }
        }
        const toldMs = 1_000 // 700 ms are sent as a whole second
        const told = history.events.some((event) => event.kind === 'fault' && event.cause === send.seq)
        if (honourRetryAfter === true && told && heard !== undefined) {
          looked = true
          if (next !== undefined && next.atMs < heard.atMs + toldMs)
            contradictions.push(contradiction(`retry-after-ignored ${on}`, undefined, [send.seq, heard.seq, next.seq]))
        }
      })
    }
    if (perOperation !== undefined) {
      const caused = all.filter(({ address }) => rootText(address.root) === 'pay#0')
      looked ||= caused.length > 0
      for (const on of distinct(caused.map(({ address }) => `${address.from} -> ${address.to}`))) {
        const own = caused.filter(({ address }) => `${address.from} -> ${address.to}` === on)
        if (own.length > perOperation)
          contradictions.push(
            contradiction(
              `retry-amplification ${on}`,
              undefined,
              own.map(({ seq }) => seq),
            ),
          )
      }
    }
    return finding(contradictions, is(looked ? 'holds' : 'vacuous'))
  }
}

function answerOf(history: History, send: Send): HistoryEvent | undefined {
  return history.events.find(
    (event) => event.kind === 'arrive' && !event.late && replyTo(history, send)?.seq === event.cause,
  )
}

function replyTo(history: History, send: Send): Send | undefined {
  return history.events.find((event): event is Send => event.kind === 'send' && event.request === send.seq)
}

function callsIn(history: History, all: readonly Send[]): Send[][] {
  const tried = (send: Send): number =>
    history.events.filter((event) => event.kind === 'attempt' && event.seq < send.seq).length
  const name = (send: Send): string =>
    `${rootText(send.address.root)} ${send.address.from} ${send.address.to} ${send.address.from === 'client' ? tried(send) : ''}`
  return distinct(all.map(name)).flatMap((one) => {
    const own = all.filter((send) => name(send) === one)
    const tangled = own.some((send, index) => {
      const later = own[index + 1]
      return later !== undefined && (later.atMs === send.atMs || (answerOf(history, send)?.seq ?? -1) > later.seq)
    })
    if (tangled) return []
    const starts = own.flatMap((_, index) => {
      const before = own[index - 1]
      return before === undefined ||
        (answerOf(history, before) !== undefined && replyTo(history, before)?.status === 200)
        ? [index]
        : []
    })
    return starts.map((start, n) => own.slice(start, starts[n + 1]))
  })
}
