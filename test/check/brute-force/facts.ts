// What a history says, read again and in another way than the checkers read it: flat lists, searched in full each time.
// For twins only; imports nothing of src but types.
import type { History, HistoryEvent } from '../../../src/history/history.ts'

export interface Fact {
  readonly key: unknown
  readonly quantity: number
  /** Infinity where the time is not known. */
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

/** Whether keys are keys, and can meet. */
export function keysAreSound(effects: readonly Fact[], operations: readonly Ask[] = []): boolean {
  const types = (keys: readonly { key: unknown }[]) => keys.map(({ key }) => typeof key)
  if (types(effects).includes('undefined')) return false
  if (effects.length === 0 || operations.length === 0) return true
  return types(effects).some((type) => types(operations).includes(type))
}

/** Ascending, each once, without what has no event. */
export function ascending(numbers: readonly number[]): readonly number[] {
  return numbers.filter((n, i) => Number.isFinite(n) && numbers.indexOf(n) === i).sort((a, b) => a - b)
}

/** Every value once. */
export function distinct<T>(values: readonly T[]): T[] {
  return values.filter((value, i) => values.indexOf(value) === i)
}
