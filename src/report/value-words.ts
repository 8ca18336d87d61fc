// The words for values in the story: effects, and the inputs of operations. Aliases stand for the values that have one.
// Must not know the page.
import { inspect } from 'node:util'
import type { Alias } from '../scenario/alias.ts'
import type { Reason } from '../verdict/reason.ts'
import { clip } from './ink.ts'
import type { Trail } from './trail.ts'

const longestSubject = 24
const longestFields = 48

/**
 * The words for an effect: the alias of the reason's subject, or of the first workload value in it; without an alias,
 * its first value. A reason without a subject may be about any field, so that all of them are shown.
 */
export function effectWords(trail: Trail, value: unknown, reason: Reason | undefined): string {
  return reason === undefined || reason.subject !== undefined
    ? subjectWords(trail, value, reason?.subject)
    : fieldWords(trail, value)
}

function subjectWords(trail: Trail, value: unknown, subject: unknown): string {
  const leaves = leavesOf(value, '')
  const about = leaves.find((leaf) => leaf.text === String(subject))
  const alias =
    (about === undefined ? undefined : aliasOf(trail, about)) ??
    leaves.map((leaf) => aliasOf(trail, leaf)).find((found) => found !== undefined)
  const text =
    alias?.name ?? about?.text ?? (leaves[0] === undefined ? '' : `${leaves[0].field} ${leaves[0].text}`.trim())
  return clip(trail.text(text), longestSubject)
}

/** The alias of a value: that of its own field first, since fields of one input may have equal values. */
function aliasOf({ aliases }: Trail, { field, text }: Leaf): Alias | undefined {
  const equal = aliases.filter(({ value }) => value === text)
  return equal.find((alias) => alias.field === field) ?? equal.find(({ distinctive }) => distinctive)
}

/**
 * `order#0, amount 4097`: all values inside of one, each with the name of its field, or its alias. Of several fields
 * with one value `message#0 = order#0`.
 *
 * @param shown an alias that stands beside these words anyway, and is left out
 */
export function fieldWords(trail: Trail, value: unknown, shown?: string): string {
  const leaves = leavesOf(value, '')
  const wordsOf = (leaf: Leaf): string | undefined => {
    const own = aliasOf(trail, leaf)
    if (own?.distinctive !== true) return `${leaf.field} ${leaf.text}`.trim()
    const before = leaves.find((other) => other.text === leaf.text)
    const first = before === undefined ? undefined : aliasOf(trail, before)?.name
    if (first !== undefined && first !== own.name) return `${own.name} = ${first}`
    return own.name === shown ? undefined : own.name
  }
  return clip(trail.text(leaves.flatMap((leaf) => wordsOf(leaf) ?? []).join(', ')), longestFields)
}

/** `pay order#0`, `pay order#0 (amount 4097)`: a call and its input. */
export function withInput(call: string, input: string): string {
  if (input === '') return call
  return /^\S+#\d+$/.test(input) ? `${call} ${input}` : `${call} (${input})`
}

/** A value as a person would note it: `5`, `id order#0, amount 4097`, `[a, b]`. Only what is long is left out. */
export function valueWords({ text }: Trail, value: unknown): string {
  return clip(text(isPlain(value) ? fieldsOf(value) : wordsOf(value)), longestFields)
}

/** Values side by side, such as the arguments of a call. */
export function listWords({ text }: Trail, values: readonly unknown[]): string {
  return clip(text(values.map(wordsOf).join(', ')), longestFields)
}

function wordsOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return value === '' ? '""' : value
  if (isTime(value)) return new Date(value).toISOString().slice('2026-01-01T'.length, -1)
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`
  if (Array.isArray(value) || value instanceof Set) return `[${[...value].map(wordsOf).join(', ')}]`
  if (value instanceof Map) return `{${[...value].map(([key, item]) => `${wordsOf(key)} ${wordsOf(item)}`).join(', ')}}`
  return isPlain(value) ? `{${fieldsOf(value)}}` : inspect(value)
}

/** The milliseconds that `Date.now()` gives on the day on which histories begin. */
function isTime(value: unknown): value is number {
  return Number.isInteger(value) && Math.floor(Number(value) / dayMs) === Date.UTC(2026, 0, 1) / dayMs
}

const dayMs = 86_400_000

function isPlain(value: unknown): value is object {
  return Object.prototype.toString.call(value) === '[object Object]'
}

function fieldsOf(value: object): string {
  return Object.entries(value)
    .map(([field, item]) => `${field} ${wordsOf(item)}`)
    .join(', ')
}

/** A value inside of another, with the name of the field that it stands in. */
interface Leaf {
  readonly field: string
  readonly text: string
}

/** The texts, numbers and booleans of a value, without empty texts. */
function leavesOf(value: unknown, field: string): readonly Leaf[] {
  if (Array.isArray(value)) return value.flatMap((item) => leavesOf(item, field))
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, item]) => leavesOf(item, key))
  return typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    typeof value === 'boolean'
    ? [{ field, text: String(value) }].filter(({ text }) => text !== '')
    : []
}
