// Lengths of time that stand in source text: `5_000`, `24 * 60 * 60 * 1000`, `const LEASE = 30 * SECOND`, '15m',
// `max-age=60`, `{ hours: 6 }`. A guess is enough: a number that is no length of time costs a few histories, and
// nothing else. A pure function of text; reads no files. (Hypothesis collects constants like this.)

/** A length of time that was found. `rank`: 0 where its name says that it is one, 1 where only its form does. */
export interface FoundDuration {
  readonly ms: number
  readonly rank: 0 | 1
  /** As it is written: `leaseMs = 30_000`, `'15m'`. */
  readonly text: string
  /** Where it begins, in characters from the beginning. */
  readonly at: number
}

const [shortestMs, longestMs] = [250, 40 * 86_400_000] as const

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** Names of what is a length of time, whatever its unit. */
const timeName = /time|ttl|lease|age|expir|window|interval|delay|wait|every|period|grace|until|skew|stale|retention/i
const secondsName = /sec(?:ond)?s?$|sec(?:ond)?s?_|ttl|age$|expir|lease|\bEX\b|_in$/i
const millisecondsName = /ms$|millis|_ms\b/i

/** The lengths of time in a source text, in the order in which they stand there. */
export function durationsInText(source: string): readonly FoundDuration[] {
  const text = withoutComments(source)
  const named = namedNumbers(text)
  return [...products(text, named), ...unitTexts(text), ...unitProperties(text)].filter(
    ({ ms }) => ms >= shortestMs && ms <= longestMs,
  )
}

/** Everything else stays where it is. */
function withoutComments(source: string): string {
  const blank = (text: string): string => text.replace(/[^\n]/g, ' ')
  return source
    .replace(/\/\*[^]*?\*\//g, blank)
    .replace(/(^|[^:'"`\\])(\/\/[^\n]*)/g, (_, before: string, comment: string) => before + blank(comment))
}

/** What was matched, on one line: a constant or a property with its name, an argument without. */
function foundIn({ 0: matched, index }: RegExpMatchArray, written: string): Pick<FoundDuration, 'text' | 'at'> {
  const isNamed = /^[\w$'"-]+\s*(?::\s*\w+\s*)?[:=]/.test(matched)
  return { text: (isNamed ? matched : written).replace(/\s+/g, ' ').trim(), at: index ?? 0 }
}

const numberForm = String.raw`\d[\d_]*(?:\.\d+)?(?:e\d+)?`
const factorForm = String.raw`(?:${numberForm}|[A-Za-z_$][\w$]*)`
/** What a value is given to: `leaseMs =`, `maxAge:`, `setTimeout(…,` are read from what stands before it. */
const givenTo = String.raw`(?<![\w$'"-])([\w$'"-]+)\s*(?::\s*\w+\s*)?[:=(,]\s*` // from its beginning, in one pass
const product = new RegExp(String.raw`(?:${givenTo})?((?<![\w$.])${factorForm}(?:\s*\*\s*${factorForm})*)`, 'g')
const constant = new RegExp(
  String.raw`\bconst\s+([A-Za-z_$][\w$]*)\s*(?::\s*\w+\s*)?=\s*(${factorForm}(?:\s*\*\s*${factorForm})*)`,
  'g',
)

/** Constants that are numbers, so that `30 * SECOND` is one number. */
function namedNumbers(text: string): ReadonlyMap<string, number> {
  const named = new Map<string, number>()
  for (const [, name = '', value = ''] of text.matchAll(constant)) {
    const number = valueOf(value, named)
    if (number !== undefined) named.set(name, number)
  }
  return named
}

function* products(text: string, named: ReadonlyMap<string, number>): Generator<FoundDuration, void> {
  for (const match of text.matchAll(product)) {
    const [, name = '', written = ''] = match
    if (!/\d/.test(written) && !/\*/.test(written)) continue // a name alone stands where it is declared
    const value = valueOf(written, named)
    if (value === undefined) continue
    const isTime = timeName.test(name) || millisecondsName.test(name)
    const isSeconds = secondsName.test(name) && !inMilliseconds(name, written)
    const found = foundIn(match, written)
    if (isSeconds) yield { ms: value * 1_000, rank: 0, ...found }
    if (isTime || /\*/.test(written)) yield { ms: value, rank: isTime ? 0 : 1, ...found }
    else if (value % 500 === 0) yield { ms: value, rank: 1, ...found }
  }
}

/** A unit, as in `const SECOND = 1000`, and a product without "seconds" in its name are in milliseconds. */
function inMilliseconds(name: string, written: string): boolean {
  const isUnit = /^(?:one_?)?(?:second|minute|hour|day|week)s?$/i.test(name)
  return millisecondsName.test(name) || isUnit || (written.includes('*') && !/sec/i.test(name))
}

function valueOf(written: string, named: ReadonlyMap<string, number>): number | undefined {
  let value = 1
  for (const factor of written.split('*')) {
    const text = factor.trim()
    const number = /^\d/.test(text) ? Number(text.replaceAll('_', '')) : named.get(text)
    if (number === undefined) return undefined
    value *= number
  }
  return Number.isFinite(value) ? value : undefined
}

/** '30s', '15 minutes', 'max-age=60'. */
function* unitTexts(text: string): Generator<FoundDuration, void> {
  const written = /['"`](\d+(?:\.\d+)?)\s*(s|m|h|d|w)(?:ecs?|econds?|ins?|inutes?|ours?|rs?|ays?|eeks?)?['"`]/g
  for (const match of text.matchAll(written)) {
    const [all, amount, unit = ''] = match
    yield { ms: Number(amount) * (unitMs[unit] ?? 0), rank: 0, ...foundIn(match, all) }
  }
  for (const match of text.matchAll(/max-age=(\d+)/g))
    yield { ms: Number(match[1]) * 1_000, rank: 0, ...foundIn(match, match[0]) }
}

/** `{ minutes: 5 }`, as Temporal and date libraries take it. */
function* unitProperties(text: string): Generator<FoundDuration, void> {
  const written = /\b(second|minute|hour|day|week)s?['"]?\s*:\s*(\d+(?:\.\d+)?)\b/g
  for (const match of text.matchAll(written)) {
    const [all, unit = '', amount] = match
    yield { ms: Number(amount) * (unitMs[unit.charAt(0)] ?? 0), rank: 0, ...foundIn(match, all) }
  }
}
