// A prepared statement of D1: its text, its values, and the ways to ask for its rows. Knows no database.
import type { D1Calls } from './d1-calls.ts'
import { d1Error } from './d1-error.ts'
import type { D1Query, D1Result, D1Value } from './d1-engine.ts'

/** A statement as `prepare` gives it, with or without its values: Cloudflare's `D1PreparedStatement`. */
export interface D1Prepared {
  bind(...values: unknown[]): D1Prepared
  first<T = unknown>(column: string): Promise<T | null>
  first<T = Record<string, unknown>>(): Promise<T | null>
  run<T = Record<string, unknown>>(): Promise<D1Result<T>>
  all<T = Record<string, unknown>>(): Promise<D1Result<T>>
  raw<T = unknown[]>(options?: { columnNames?: boolean }): Promise<T[]>
}

const queries = new WeakMap<object, D1Query>()

/** What a statement asks for. @throws where it is none of ours */
export function queryOf(statement: unknown): D1Query {
  const query = typeof statement === 'object' && statement !== null ? queries.get(statement) : undefined
  if (query === undefined)
    throw new Error('batch() takes statements that prepare() of the same database gave, with or without bind().')
  return query
}

/** A statement without values. */
export function preparedFor(calls: D1Calls, sql: string, values: readonly D1Value[] = []): D1Prepared {
  const query: D1Query = { sql, values }
  const answer = async (): Promise<D1Result> => (await calls.query(query)).result
  const statement: D1Prepared = {
    bind: (...given) => preparedFor(calls, sql, given.map(valueOf)),
    // The casts hold: what rows look like is for whoever wrote the statement to say
    run: <T>() => answer() as Promise<D1Result<T>>,
    all: <T>() => answer() as Promise<D1Result<T>>,
    async first<T>(column?: string) {
      const [row] = (await answer()).results
      if (row === undefined) return null
      if (column === undefined) return row as T
      if (!(column in row)) throw d1Error(`Column not found (${column})`)
      return row[column] as T
    },
    async raw<T>({ columnNames = false }: { columnNames?: boolean } = {}) {
      const { columns, rows } = await calls.query(query)
      return (columnNames ? [columns, ...rows] : rows) as T[]
    },
  }
  queries.set(statement, query)
  return statement
}

/** A value as D1 stores it. @see https://developers.cloudflare.com/d1/worker-api/#type-conversion */
function valueOf(value: unknown): D1Value {
  if (value === null || typeof value === 'number' || typeof value === 'string') return value
  if (typeof value === 'boolean') return Number(value)
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  if (Array.isArray(value)) return Uint8Array.from(value as readonly number[])
  const words =
    typeof value === 'object' ? '[object Object]' : typeof value === 'bigint' ? value.toString() : typeof value
  throw new Error(`D1_TYPE_ERROR: Type '${typeof value}' not supported for value '${words}'`)
}
