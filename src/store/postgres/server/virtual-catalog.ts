// PostgreSQL's own clock and randomness, replaced in the catalog of a server of ours: what a session has been told is
// the time, and random numbers from its seed. Outside a simulation nobody tells it, and the real ones are used. Each is
// one expression, so that the planner puts it in the place of the call, for which PostgreSQL has a short cut otherwise.

const told = (setting: string, type: string, real: string): string =>
  `select coalesce(nullif(current_setting('two_generals.${setting}', true), '')::${type}, ${real})`

const digits = (count: number): string => `lpad(to_hex(floor(random() * ${16 ** count})::bigint), ${count}, '0')`

const variant = "substr('89ab', 1 + floor(random() * 4)::int, 1)"
const end = `'-' || ${variant} || ${digits(3)} || '-' || ${digits(12)}`
const uuid = `select (${digits(8)} || '-' || ${digits(4)} || '-4' || ${digits(3)} || ${end})::uuid`
const millis = "lpad(to_hex(floor(extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0')"
const uuidOfNow = `select (substr(${millis}, 1, 8) || '-' || substr(${millis}, 9, 4) || '-7' || ${digits(3)} ||
  ${end})::uuid`

/** [signature, result, volatility, body] */
const replaced: readonly (readonly [string, string, string, string])[] = [
  ['now()', 'timestamptz', 'stable', told('now', 'timestamptz', 'two_generals_now()')],
  ['transaction_timestamp()', 'timestamptz', 'stable', told('now', 'timestamptz', 'two_generals_now()')],
  ['statement_timestamp()', 'timestamptz', 'stable', told('clock', 'timestamptz', 'two_generals_clock()')],
  ['clock_timestamp()', 'timestamptz', 'volatile', told('clock', 'timestamptz', 'two_generals_clock()')],
  ['timeofday()', 'text', 'volatile', "select to_char(clock_timestamp(), 'Dy Mon DD HH24:MI:SS.US YYYY TZ')"],
  ['gen_random_uuid()', 'uuid', 'volatile', uuid],
  ['uuidv4()', 'uuid', 'volatile', uuid],
  ['uuidv7()', 'uuid', 'volatile', uuidOfNow],
  ['pg_backend_pid()', 'integer', 'stable', told('pid', 'integer', 'two_generals_pid()')],
]

/** What makes them so, in one database. Once they are, nothing is done. */
export const virtualCatalog: string = [
  'set allow_system_table_mods = on',
  ...[
    ['two_generals_now()', 'timestamptz', 'stable', 'now'],
    ['two_generals_clock()', 'timestamptz', 'volatile', 'clock_timestamp'],
    ['two_generals_pid()', 'integer', 'stable', 'pg_backend_pid'],
  ].map(
    ([name, type, volatility, internal]) =>
      `create or replace function pg_catalog.${name} returns ${type} language internal ${volatility} as '${internal}'`,
  ),
  ...replaced.map(
    ([name, type, volatility, body]) =>
      `create or replace function pg_catalog.${name} returns ${type} language sql ${volatility} as $$ ${body} $$`,
  ),
  'reset allow_system_table_mods',
].join('; ')

/** Functions whose answer changes within a transaction. */
export const clockNames: RegExp = /clock_timestamp|statement_timestamp|timeofday|uuidv7/i

/** Whether functions or defaults of the user's ask for such an answer. */
export const clockReaders: string = `select exists (select from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname not in ('pg_catalog', 'information_schema') and p.prosrc ~* '${clockNames.source}')
  or exists (select from pg_attrdef where pg_get_expr(adbin, adrelid) ~* '${clockNames.source}')`

/** Sets what a session is told. Not in a transaction that has failed. */
export function telling(settings: Readonly<Record<string, string>>): string {
  const calls = Object.entries(settings).map(
    ([name, value]) => `set_config('two_generals.${name}', '${value.replaceAll("'", "''")}', false)`,
  )
  return `select ${calls.join(', ')}`
}
