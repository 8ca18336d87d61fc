// Facts: what the end of a history consists of, as plain data: rows of stores, effects and views. A fact is written
// down at once, since the stores go on to the next history. Knows neither orders nor how facts are compared.
import { completionsOf, type History } from '../history/history.ts'
import { canonical, encodeValue } from '../plain/value.ts'
import type { StoredContent } from '../verdict/verdict.ts'

/** One row, effect or value of a view. */
export interface Fact {
  /** The effect, the store and its table, or an operation: `charge`, `seen`, `db.orders`, `answer of pay#0`. */
  readonly source: string
  /** As JSON. */
  readonly value: unknown
  /** The same as a text, with its source: equal for equal facts. */
  readonly text: string
  /** `seq` of the event that shows it, where there is one. */
  readonly event?: number
  /** The client whose view shows it. */
  readonly client?: string
}

/** How the sources of answers begin. */
export const answerOf = 'answer of'

/** What is left at the end of a history. */
export interface EndState {
  readonly facts: readonly Fact[]
  /** How each operation ended, by its id. */
  readonly answers: ReadonlyMap<number, Fact>
  readonly isQuiet: boolean
}

/** What is left out of the facts. */
export interface FactOptions {
  readonly ignore: readonly string[]
  readonly atLeastOnce: readonly string[]
}

/** What is left at the end of a history, while the stores still have the content with which it ended. */
export async function endOf(
  history: History,
  stores: readonly StoredContent[],
  options: FactOptions,
): Promise<EndState> {
  const facts: Fact[] = []
  const add = (source: string, value: unknown, event?: number, client?: string): void => {
    const fact = factOf(source, value, event, options)
    if (fact === undefined) return
    if (options.atLeastOnce.includes(source) && facts.some(({ text }) => text === fact.text)) return
    facts.push(client === undefined ? fact : { ...fact, client })
  }
  for (const event of history.events) if (event.kind === 'effect') add(event.effect, event.value, event.seq)
  for (const { effect, value, node, event } of history.readings)
    if (!isIgnored([effect], options.ignore))
      add(node === undefined ? effect : `${effect} of ${node}`, value, event, node)
  for (const store of stores)
    for (const [table, rows] of Object.entries((await store.content?.()) ?? {}))
      for (const row of rows) add(table === store.name ? table : `${store.name}.${table}`, row)
  const last = history.events.at(-1)
  return {
    facts,
    answers: new Map(
      completionsOf(history).flatMap(({ invocation: id, operation, kind, value, seq }) => {
        const answer = factOf(`${answerOf} ${operation}#${id}`, { kind, value }, seq, options)
        return answer === undefined ? [] : [[id, answer]]
      }),
    ),
    isQuiet: last?.kind === 'end' && last.reason === 'quiet',
  }
}

function factOf(source: string, value: unknown, event: number | undefined, { ignore }: FactOptions): Fact | undefined {
  const path = source.split('.')
  if (isIgnored(path, ignore)) return undefined
  const left = without(written(value), path, ignore)
  return { source, value: left, text: `${source} ${canonical(left)}`, ...(event === undefined ? {} : { event }) }
}

/** As JSON; what has none is told apart by its words alone. */
function written(value: unknown): unknown {
  try {
    return encodeValue(value)
  } catch {
    return String(value)
  }
}

function without(value: unknown, path: readonly string[], ignore: readonly string[]): unknown {
  if (ignore.length === 0 || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => without(item, path, ignore))
  return Object.fromEntries(
    Object.entries(value).flatMap(([column, item]) => {
      const own = [...path, column]
      return isIgnored(own, ignore) ? [] : [[column, without(item, own, ignore)]]
    }),
  )
}

/** Whether a pattern names the end of a path: `version`, `orders.version`, `*.version`. */
function isIgnored(path: readonly string[], ignore: readonly string[]): boolean {
  return ignore.some((pattern) => {
    const names = pattern.split('.')
    return names.length <= path.length && names.every((name, n) => name === '*' || name === path.at(n - names.length))
  })
}

/** How often each text is there. */
export function countsOf(texts: Iterable<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return counts
}

/** Whether both have each text as often. */
export function sameCounts(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([text, count]) => b.get(text) === count)
}
