// Twin of saga, written from its definition: for each key it replays what happened and looks at what is left. With
// histories of two steps, their compensations, and the operation. Shares no code with src/check.
import * as fc from 'fast-check'
import type { History } from '../../../src/history/history.ts'
import { effect, ends, historyOf, invoke, over, row, type Line } from '../build-history.ts'
import { asks, ascending, distinct, endsQuietly, facts, keysAreSound } from './facts.ts'
import { contradiction, is, seqsOf, type Finding } from './twins.ts'

const key = fc.constantFrom('a', 'a', 'b')
interface Happening {
  readonly name: string
  readonly key: string
}

const happening: fc.Arbitrary<Happening> = fc.record({
  name: fc.constantFrom('flight', 'hotel', 'flight', 'hotel', 'noFlight', 'noHotel'),
  key,
})
const asked = fc.record({ key, fate: fc.constantFrom('ok', 'ok', 'fail', 'info', 'open'), at: fc.nat(7) })
/** Complete correct sagas, so that these occur often. */
const course: fc.Arbitrary<readonly Happening[]> = fc
  .constantFrom<readonly string[]>(
    ['flight', 'hotel'],
    ['flight', 'hotel', 'noHotel', 'noFlight'],
    ['flight', 'hotel', 'noFlight', 'noHotel'],
    ['flight', 'noFlight'],
    ['noHotel'],
    [],
  )
  .chain((names) => key.map((of) => names.map((name) => ({ name, key: of }))))

/**
 * Effects `flight`, `hotel`, `noFlight`, `noHotel` and operations `book`; hotels are rows without a time in one of
 * eight. One in ten has a flight without a key.
 */
export const sagaHistory: fc.Arbitrary<History> = fc
  .record({
    happened: fc.oneof<fc.Arbitrary<readonly Happening[]>[]>(
      fc.array(happening, { maxLength: 6, size: 'max' }),
      course,
      course,
      fc.tuple(course, course).map((two) => two.flat()),
    ),
    books: fc.array(asked, { maxLength: 2 }).chain((all) => fc.constantFrom(all, all, all.slice(0, 0))),
    flaw: fc.nat(9),
    rows: fc.nat(7),
    end: fc.constantFrom('quiet' as const, 'quiet' as const, 'quiet' as const, 'maxSteps' as const, 'none' as const),
  })
  .map(({ happened, books, flaw, rows, end }) => {
    const lines: { readonly at: number; readonly line: Line }[] = happened.map(({ name, key: of }, index) => ({
      at: index,
      line: effect(index, name, { key: flaw === 0 && index === 0 ? undefined : of, quantity: 1 }),
    }))
    const readings =
      rows > 0
        ? []
        : happened.filter(({ name }) => name === 'hotel').map(({ key: of }) => row('hotel', { key: of, quantity: 1 }))
    const kept = rows > 0 ? lines : lines.filter((_, index) => happened[index]?.name !== 'hotel')
    const calls = books.flatMap(({ key: of, fate, at }, id) => {
      const begin = { at: at - 0.5, line: invoke(at, 'book', id, { key: of }) }
      return fate === 'open' ? [begin] : [begin, { at: at + 1.5, line: ends(at + 1.5, fate, id) }]
    })
    return historyOf(
      ...[...kept, ...calls].sort((a, b) => a.at - b.at).map(({ line }) => line),
      ...(end === 'none' ? [] : [over(20, end)]),
      ...readings,
    )
  })

const parts = [
  { done: 'flight', undone: 'noFlight' },
  { done: 'hotel', undone: 'noHotel' },
]

export function sagaTwin({
  operation,
  reverse,
}: {
  readonly operation: boolean
  readonly reverse: boolean
}): (history: History) => Finding {
  return (history) => {
    const sides = parts.map(({ done, undone }) => ({
      done,
      undone,
      dones: facts(history, done),
      undones: facts(history, undone),
    }))
    const books = operation ? asks(history, ['book']) : []
    const all = sides.flatMap(({ dones, undones }) => [...dones, ...undones])
    if (!keysAreSound(all)) return is('unknown')
    const safety: string[] = []
    const ends: string[] = []
    for (const of of distinct([...books, ...all].map((one) => one.key))) {
      const own = sides.map(({ dones, undones, ...names }) => ({
        ...names,
        dones: dones.filter((one) => one.key === of),
        undones: undones.filter((one) => one.key === of),
      }))
      for (const { done, undone, dones, undones } of own) {
        if (dones.length > 1)
          safety.push(contradiction(`too-many ${done}`, of, ascending(dones.map(({ when }) => when))))
        if (undones.length > 1)
          safety.push(contradiction(`too-many ${undone}`, of, ascending(undones.map(({ when }) => when))))
      }
      const stays = own.map(({ dones, undones }) => {
        const last = dones.at(-1)?.when
        return (
          last !== undefined && (last === Infinity ? undones.length === 0 : undones.every(({ when }) => when < last))
        )
      })
      const [flight, hotel] = own
      if (reverse && flight !== undefined && hotel !== undefined && stays.every((one) => !one)) {
        const times = [flight, hotel]
          .map(({ dones, undones, undone }) => ({
            undone,
            done: dones[0]?.when ?? Infinity,
            gone: undones.at(-1)?.when ?? Infinity,
          }))
          .sort((a, b) => a.done - b.done)
        const [first, second] = times
        if (
          first !== undefined &&
          second !== undefined &&
          second.done < Infinity &&
          second.gone < Infinity &&
          first.gone < second.gone
        ) {
          safety.push(
            contradiction(
              `not-in-reverse ${second.undone}`,
              of,
              ascending([first.done, first.gone, second.done, second.gone]),
            ),
          )
        }
      }
      const asks = books.filter((one) => one.key === of)
      const ok = asks.some(({ end }) => end?.kind === 'ok')
      const failed = asks.length > 0 && asks.every(({ end }) => end?.kind === 'fail')
      const [some, whole] = [stays.includes(true), !stays.includes(false)]
      const cls =
        some && !whole
          ? 'half-done'
          : ok && !whole
            ? 'undone-though-ok'
            : failed && some
              ? 'kept-though-failed'
              : undefined
      if (cls !== undefined)
        ends.push(
          contradiction(
            cls,
            of,
            ascending([
              ...own.flatMap(({ dones, undones }) => [...dones, ...undones]).map(({ when }) => when),
              ...seqsOf(asks),
            ]),
          ),
        )
    }
    if (endsQuietly(history) && safety.length + ends.length > 0)
      return { kind: 'violated', contradictions: [...safety, ...ends] }
    if (safety.length > 0) return { kind: 'violated', contradictions: safety }
    if (ends.length > 0) return is('unknown')
    return is(all.length > 0 || books.some(({ end }) => end?.kind === 'ok') ? 'holds' : 'vacuous')
  }
}
