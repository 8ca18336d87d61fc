// Aliases: names for the values of a workload (`order#0`), given by first appearance. An address holds them in place of
// raw values, so that faults stay on their messages while the workload shrinks. Pure functions of a workload.
import type { Workload } from './scenario.ts'

/** One value of the workload, and its name. */
export interface Alias {
  /** `order#0`: the name of its field, and its number among the distinct values of that field. */
  readonly name: string
  readonly field: string
  readonly value: string
  /** The first invocation that holds it. */
  readonly invocation: number
  /** Whether it is recognised in any text, or only as a whole path segment or under its own field's name. */
  readonly distinctive: boolean
}

/** Shorter texts, and numbers, occur by chance: they are recognised only under their own field's name. */
const distinctiveLength = 6

/** The aliases of a workload, in order of appearance. */
export function aliasesOf(workload: Workload): readonly Alias[] {
  const known = memo.get(workload)
  if (known !== undefined) return known
  const aliases = findAliases(workload)
  memo.set(workload, aliases)
  return aliases
}

/** A workload is never changed, and is run hundreds of times. */
const memo = new WeakMap<Workload, readonly Alias[]>()

function findAliases(workload: Workload): readonly Alias[] {
  const aliases: Alias[] = []
  const counts = new Map<string, number>()
  const seen = new Set<string>()
  for (const invocation of workload.invocations) {
    visit(invocation.input, invocation.operation, (field, value) => {
      const id = `${field}=${String(value)}`
      if (seen.has(id)) return
      seen.add(id)
      const count = counts.get(field) ?? 0
      counts.set(field, count + 1)
      const text = String(value)
      aliases.push({
        name: `${field}#${count}`,
        field,
        value: text,
        invocation: invocation.id,
        distinctive: typeof value === 'string' && text.length >= distinctiveLength,
      })
    })
  }
  return aliases
}

/** Calls `found` for every text and every whole number in a value, with the name of the field it stands in. */
function visit(value: unknown, field: string, found: (field: string, value: string | number | bigint) => void): void {
  if (typeof value === 'string') {
    if (value !== '') found(field, value)
  } else if (typeof value === 'bigint' || Number.isSafeInteger(value)) {
    found(field, value as number | bigint) // just tested
  } else if (Array.isArray(value) || value instanceof Set) {
    for (const item of value) visit(item, field, found)
  } else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    // bytes name nothing
    for (const [key, item] of value instanceof Map ? value : Object.entries(value))
      visit(item, fieldName(key, field), found)
  }
}

/**
 * One word, as addresses need it. A Map's key that is no text is no name: its values take that of the field around it.
 */
function fieldName(key: unknown, outer: string): string {
  return typeof key === 'string' ? key.replace(/\s/g, '_') || '_' : outer
}

/**
 * The alias that a message is about: the first distinctive value of the workload that one of the texts contains. Values
 * of the invocation that caused the message come first.
 */
export function aliasIn(aliases: readonly Alias[], texts: readonly string[], invocation: number): string | undefined {
  let other: string | undefined
  for (const alias of aliases) {
    if (!alias.distinctive || (other !== undefined && alias.invocation !== invocation)) continue
    if (!texts.some((text) => contains(text, alias.value))) continue
    if (alias.invocation === invocation) return alias.name
    other = alias.name
  }
  return other
}

/** Whether a text contains a value: `order-10` does not contain `order-1`. */
function contains(text: string, value: string): boolean {
  for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + 1)) {
    if (!(/\d$/.test(value) && /^\d/.test(text.slice(at + value.length, at + value.length + 1)))) return true
  }
  return false
}

/**
 * A URL's path without values. A segment that is a value of the workload becomes `:field`; a number or a generated id
 * becomes `:id`. A number never takes the name of a field: that it equals a number of the workload may be chance, which
 * shrinking would change.
 *
 * @example pathTemplate('/orders/3f0c…', aliases) // '/orders/:order'
 */
export function pathTemplate(pathname: string, aliases: readonly Alias[]): string {
  if (!/[0-9%]|[^/]{16}/.test(pathname) && !aliases.some((alias) => pathname.includes(alias.value))) return pathname
  return pathname
    .split('/')
    .map((segment) => (segment === '' ? segment : segmentTemplate(segment, aliases)))
    .join('/')
}

function segmentTemplate(segment: string, aliases: readonly Alias[]): string {
  const value = decodeSegment(segment)
  const isNumber = /^-?\d+$/.test(value)
  const alias = aliases.find(
    (candidate) => candidate.value.toWellFormed() === value && (candidate.distinctive || !isNumber),
  )
  if (alias !== undefined) return `:${alias.field}`
  return generatedId.test(segment) ? ':id' : segment
}

/** The text of a segment, whether or not it is escaped. */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment // a stray `%`
  }
}

/** A number, a numbered name (`pi_1`), a UUID, a long text with digits, a ULID, anything that is escaped. */
const generatedId =
  /^(?:-?\d+|[a-z]+[-_]\d+|[0-9a-f]{8}-[0-9a-f-]{27}|(?=.*\d)[\w-]{16,}|[0-9A-HJKMNP-TV-Z]{26}|\S*%\S*)$/i

/** For people: a text with aliases in place of the workload's distinctive values. */
export function withAliases(text: string, aliases: readonly Alias[]): string {
  const distinctive = aliases.filter((alias) => alias.distinctive)
  if (distinctive.length === 0) return text
  // Of several names of one value the first counts
  const names = new Map(distinctive.toReversed().map((alias) => [alias.value, alias.name]))
  const longestFirst = [...names.keys()].sort((a, b) => b.length - a.length)
  return text.replace(new RegExp(longestFirst.map(pattern).join('|'), 'g'), (value) => names.get(value) ?? value)
}

function pattern(value: string): string {
  return value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') + (/\d$/.test(value) ? '(?!\\d)' : '')
}
