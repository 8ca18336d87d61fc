// Statements as a server of ours gets them. The words for the present moment are no functions, so that only the text
// can lead them to the virtual clock; and time limits are kept by the simulation, since for a server that stands still
// real time would run. Texts, names in quotes, bodies of functions and comments stay as they are.

/** The limits of a session that are kept in virtual time. */
export const limitNames = ['lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout'] as const

const moments: Readonly<Record<string, string>> = {
  current_timestamp: 'timestamptz',
  current_date: 'date',
  current_time: 'timetz',
  localtimestamp: 'timestamp',
  localtime: 'time',
}

const anyLimit = limitNames.join('|')
/** Texts, names in quotes, bodies between dollars, of which the third group is the tag, and comments. */
const untouched = [
  String.raw`\be'(?:[^'\\]|\\.|'')*'`,
  String.raw`'(?:[^']|'')*'`,
  String.raw`"(?:[^"]|"")*"`,
  String.raw`\$(\w*)\$[^]*?\$\3\$`,
  String.raw`--[^\n]*`,
  String.raw`\/\*[^]*?\*\/`,
]
const asked = new RegExp(
  [
    String.raw`(\bset_config\s*\(\s*'|\bcurrent_setting\s*\(\s*')(${anyLimit})'`,
    ...untouched,
    String.raw`(\b(?:set(?:\s+(?:local|session))?|reset|show)\s+)(${anyLimit})\b`,
    String.raw`(?<![.\w])(${Object.keys(moments).join('|')})\b(\s*\(\s*\d\s*\))?`,
  ].join('|'),
  'gi',
)
const any = new RegExp(`${anyLimit}|${Object.keys(moments).join('|')}`, 'i')

/** A statement, or several, for the server. */
export function rewritten(sql: string): string {
  if (!any.test(sql)) return sql
  return sql.replace(
    asked,
    (
      whole: string,
      call: string | undefined,
      named: string | undefined,
      _tag: string | undefined,
      verb: string | undefined,
      limit: string | undefined,
      moment: string | undefined,
      precision: string | undefined,
    ) => {
      if (call !== undefined) return `${call}two_generals.${named}'`
      if (verb !== undefined) return `${verb}two_generals.${limit}`
      if (moment === undefined) return whole
      return `(now()::${moments[moment.toLowerCase()]}${precision ?? ''})`
    },
  )
}

/** Whether a statement may set a limit. */
export function setsLimit(sql: string): boolean {
  return new RegExp(anyLimit, 'i').test(sql)
}

/** A limit as PostgreSQL reads it, in milliseconds: `2s`, `500`. 0: none. */
export function limitMs(text: string | null | undefined): number {
  const [, value, unit = 'ms'] = /^\s*([\d.]+)\s*(us|ms|s|min|h|d)?\s*$/.exec(text ?? '') ?? []
  return Number(value ?? 0) * (units[unit] ?? 1)
}

const units: Readonly<Record<string, number>> = {
  ...{ us: 0.001, ms: 1, s: 1_000, min: 60_000, h: 3_600_000 },
  d: 86_400_000,
}
