// The facts of a history for twins, read in another way than the checkers read them: flat lists that are always
// searched completely. Imports only types of src.
import type { History, HistoryEvent } from '../../../src/history/history.ts'

export interface Fact {
  readonly key: unknown
  readonly quantity: number
  /** Infinity if the time is not known. */
  readonly when: number
}

export function facts(history: History, name: string): Fact[] {
  const found: Fact[] = []
  history.events.forEach((event) => {
    if (event.kind === 'effect' && event.effect === name) found.push(fact(event.value, event.seq))
  })
  history.readings.forEach((reading) => {
    if (reading.effect === name) found.push(fact(reading.value, reading.event ?? Infinity))
  })
  return found
}

function fact(value: unknown, when: number): Fact {
  const { key, quantity } = value as { key: unknown; quantity: number } // as random-history writes them
  return { key, quantity, when }
}

export interface Ask {
  readonly operation: string
  readonly key: unknown
  readonly invoke: HistoryEvent
  readonly end: HistoryEvent | undefined
}

export function asks(history: History, names: readonly string[]): Ask[] {
  const found: Ask[] = []
  for (const event of history.events) {
    if (event.kind !== 'invoke' || !names.includes(event.operation)) continue
    const { key } = event.input as { key: unknown } // as random-history writes them
    const end = history.events.find(
      (other) =>
        (other.kind === 'ok' || other.kind === 'fail' || other.kind === 'info') &&
        other.invocation === event.invocation,
    )
    found.push({ operation: event.operation, key, invoke: event, end })
  }
  return found
}

export function endsQuietly(history: History): boolean {
  return history.events.some((event) => event.kind === 'end' && event.reason === 'quiet')
}

/** Whether keys are valid, and can match. */
export function keysAreSound(effects: readonly Fact[], operations: readonly Ask[] = []): boolean {
  const types = (keys: readonly { key: unknown }[]) => keys.map(({ key }) => typeof key)
  if (types(effects).includes('undefined')) return false
  if (effects.length === 0 || operations.length === 0) return true
  return types(effects).some((type) => types(operations).includes(type))
}

/** The numbers in ascending order, each once, without those of effects that have no event. */
export function ascending(numbers: readonly number[]): readonly number[] {
  return numbers.filter((n, i) => Number.isFinite(n) && numbers.indexOf(n) === i).sort((a, b) => a - b)
}

/** The distinct values. */
export function distinct<T>(values: readonly T[]): T[] {
  return values.filter((value, i) => values.indexOf(value) === i)
}
