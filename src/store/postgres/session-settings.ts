// Settings of connections, such as `search_path` and the role, which share the one session of an embedded database:
// each has its own while it uses that. Knows no connection.
import { splitStatements } from '../sql.ts'
import type { Pglite } from './pglite.ts'
import { rawQuery } from './raw-query.ts'

/** The settings of one connection. */
export class ConnectionSettings {
  /** Statements that make them, the oldest first. */
  readonly made: string[] = []
  /** Made in a transaction that is open. */
  #open: string[] = []

  /** @param first statements for what a client asks for as it connects */
  constructor(first: readonly string[] = []) {
    this.made.push(...first)
  }

  /** Notes a text that was carried out. */
  note(sql: string): void {
    if (!/\b(?:set|reset|discard)\b/i.test(sql)) return
    for (const statement of splitStatements(sql)) if (lasting.test(statement)) this.#open.push(statement)
  }

  /** The transaction has ended, and its settings with it where it was rolled back. */
  ended(how: 'committed' | 'rolled back'): void {
    if (how === 'committed') this.made.push(...this.#open)
    this.#open = []
  }
}

/** Settings that outlast their transaction. */
const lasting = /^\s*(?:set(?!\s+(?:local|transaction|constraints)\b)|reset|discard\s+all)\b/i

/** The settings of the one session. */
export class SessionSettings {
  readonly #db: Pglite
  /** Statements for what was set when the session was found. */
  readonly #found: readonly string[]
  /** Whose settings it has; undefined: those that were found. */
  #used: ConnectionSettings | undefined

  constructor(db: Pglite) {
    this.#db = db
    const found =
      "select format('select set_config(%L, %L, false)', name, setting) from pg_settings where source = 'session'"
    this.#found = rawQuery(db, found).map(([set]) => String(set))
  }

  /** Makes the session as a connection has it, or as it was found. No transaction may be open. */
  use(settings: ConnectionSettings | undefined): void {
    const before = this.#used
    this.#used = settings
    if (before === settings || ((before?.made.length ?? 0) === 0 && (settings?.made.length ?? 0) === 0)) return
    const all = ['reset session authorization', 'reset all', ...this.#found, ...(settings?.made ?? [])]
    rawQuery(this.#db, all.filter((statement) => !/^\s*discard\b/i.test(statement)).join('; '))
  }

  /** Forgets what belongs to connections: prepared statements, temporary tables, settings. */
  renew(): void {
    this.#used = undefined
    rawQuery(this.#db, 'discard all')
    if (this.#found.length > 0) rawQuery(this.#db, this.#found.join('; '))
  }
}

/** What a client asks for as it connects: `search_path`, say, by a parameter of its own or as `-c search_path=shop`. */
export function askedAtStart(body: Uint8Array): readonly string[] {
  const texts = new TextDecoder().decode(body).split('\0')
  const asked: (readonly [name: string, value: string])[] = []
  for (let at = 0; at + 1 < texts.length; at += 2) {
    const [name = '', value = ''] = [texts[at], texts[at + 1]]
    if (name === 'options')
      for (const [, key = '', set = ''] of value.matchAll(/(?:-c\s*|--)([\w.]+)=((?:\\.|[^\s\\])*)/g))
        asked.push([key, set])
    else if (name !== '' && !ofConnection.has(name)) asked.push([name, value])
  }
  return asked.map(([name, value]) => `select set_config(${quoted(name)}, ${quoted(value)}, false)`)
}

/** They name who connects, or show nowhere else. */
const ofConnection: ReadonlySet<string> = new Set([
  'user',
  'database',
  'replication',
  'client_encoding',
  'application_name',
  'fallback_application_name',
])

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
