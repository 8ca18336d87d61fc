// The words for values in the story: effects, and the inputs of operations. Aliases stand for the values that have one.
// Must not know the page.
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
  const named = (leaf: Leaf): string | undefined =>
    trail.aliases.find((alias) => alias.value === leaf.text && (alias.distinctive || alias.field === leaf.field))?.name
  const alias = (about === undefined ? undefined : named(about)) ?? leaves.map(named).find((name) => name !== undefined)
  const text = alias ?? about?.text ?? (leaves[0] === undefined ? '' : `${leaves[0].field} ${leaves[0].text}`.trim())
  return clip(trail.text(text), longestSubject)
}

/**
 * `order#0, amount 4097`: all values inside of one, each with the name of its field, or its alias.
 *
 * @param shown an alias that stands beside these words anyway, and is left out
 */
export function fieldWords({ aliases, text }: Trail, value: unknown, shown?: string): string {
  const wordsOf = (leaf: Leaf): string | undefined => {
    const alias = aliases.find(({ value: known, distinctive }) => distinctive && known === leaf.text)
    if (alias !== undefined) return alias.name === shown ? undefined : alias.name
    return `${leaf.field} ${leaf.text}`.trim()
  }
  return clip(
    text(
      leavesOf(value, '')
        .flatMap((leaf) => wordsOf(leaf) ?? [])
        .join(', '),
    ),
    longestFields,
  )
}

/** `pay order#0`, `pay order#0 (amount 4097)`: a call and its input. */
export function withInput(call: string, input: string): string {
  if (input === '') return call
  return /^\S+#\d+$/.test(input) ? `${call} ${input}` : `${call} (${input})`
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
