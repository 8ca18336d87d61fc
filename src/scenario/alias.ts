// Aliases: names for the workload's values (`order#0`), given by first appearance, so that an address never holds a raw
// value and shrinking the workload keeps the faults. Pure functions of a workload.
import type { Workload } from './scenario.ts'

/** One value of the workload under its name. */
export interface Alias {
  /** `order#0`: the field's name and the place among that field's distinct values. */
  readonly name: string
  readonly field: string
  readonly value: string
  /** The first invocation that holds it. */
  readonly invocation: number
  /** Whether it is told apart wherever it stands, or only as a whole path segment or under its own field's name. */
  readonly distinctive: boolean
}

/** Shorter texts, and numbers, are matched only under their own field's name. */
const distinctiveLength = 6

/** The aliases of a workload, in order of appearance. */
export function aliasesOf(workload: Workload): readonly Alias[] {
  const known = memo.get(workload)
  if (known !== undefined) return known
  const aliases = findAliases(workload)
  memo.set(workload, aliases)
  return aliases
}

/** Workloads are never changed, and are run hundreds of times. */
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
    // bytes are nobody's names
    for (const [key, item] of value instanceof Map ? value : Object.entries(value))
      visit(item, fieldName(key, field), found)
  }
}

/** One word, as addresses need it. A Map's key that is no text lends no name. */
function fieldName(key: unknown, outer: string): string {
  return typeof key === 'string' ? key.replace(/\s/g, '_') || '_' : outer
}

/**
 * The alias a message is about: the first distinctive value of the workload that stands in one of the texts. Values of
 * the causing invocation come first.
 */
export function aliasIn(aliases: readonly Alias[], texts: readonly string[], invocation: number): string | undefined {
  let other: string | undefined
  for (const alias of aliases) {
    if (!alias.distinctive || (other !== undefined && alias.invocation !== invocation)) continue
    if (!texts.some((text) => standsIn(text, alias.value))) continue
    if (alias.invocation === invocation) return alias.name
    other = alias.name
  }
  return other
}

/** Whether a text holds a value: `order-10` does not hold `order-1`. */
function standsIn(text: string, value: string): boolean {
  for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + 1)) {
    if (!(/\d$/.test(value) && /^\d/.test(text.slice(at + value.length, at + value.length + 1)))) return true
  }
  return false
}

/**
 * A URL's path without values: segments that are a value of the workload, a number or a generated id become `:name`.
 * A number is always `:id`: which numbers of a small workload equal a row's number is chance, and shrinking changes it.
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
  return generated.test(segment) ? ':id' : segment
}

/** The text that stands in a URL's path, however much of it was escaped. */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment // a stray `%`
  }
}

/** A number, a numbered name (`pi_1`), a UUID, a long text with digits, a ULID, anything escaped. */
const generated =
  /^(?:-?\d+|[a-z]+[-_]\d+|[0-9a-f]{8}-[0-9a-f-]{27}|(?=.*\d)[\w-]{16,}|[0-9A-HJKMNP-TV-Z]{26}|\S*%\S*)$/i

/** A text with the workload's distinctive values replaced by their aliases, for people. */
export function withAliases(text: string, aliases: readonly Alias[]): string {
  const distinctive = aliases.filter((alias) => alias.distinctive)
  if (distinctive.length === 0) return text
  // The first name of a value wins
  const names = new Map(distinctive.toReversed().map((alias) => [alias.value, alias.name]))
  const longestFirst = [...names.keys()].sort((a, b) => b.length - a.length)
  return text.replace(new RegExp(longestFirst.map(pattern).join('|'), 'g'), (value) => names.get(value) ?? value)
}

function pattern(value: string): string {
  return value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') + (/\d$/.test(value) ? '(?!\\d)' : '')
}
