// Whether two answers to a command are the same, as far as Redis says what it answers; and the differences that are
// known, each with its reason.
import type { RespValue } from './resp.ts'

/** Redis says nothing of the order of what these give. */
const unordered: ReadonlySet<string> = new Set([
  ...[
    'KEYS',
    'SMEMBERS',
    'SINTER',
    'SUNION',
    'SDIFF',
    'HKEYS',
    'HVALS',
    'HGETALL',
    'SCAN',
    'SSCAN',
    'HSCAN',
    'ZSCAN',
    'XINFO GROUPS',
  ],
])
/** These give pairs. */
const paired: ReadonlySet<string> = new Set(['HGETALL', 'HSCAN', 'ZSCAN'])
/** How long a key is to live yet: real time has passed between the two. */
const seconds: ReadonlySet<string> = new Set(['TTL', 'EXPIRETIME'])
const milliseconds: ReadonlySet<string> = new Set(['PTTL'])

/** Errors are alike where their codes are: the first word. */
export function agrees([command = '', subcommand = '']: readonly string[], their: RespValue, own: RespValue): boolean {
  const name = command === 'XINFO' ? `${command} ${subcommand}` : command
  if (typeof their === 'number' && typeof own === 'number' && their > 0 && own > 0) {
    if (seconds.has(name)) return Math.abs(their - own) <= 1
    if (milliseconds.has(name)) return Math.abs(their - own) <= 2_000
  }
  return canonical(name, their) === canonical(name, own)
}

function canonical(name: string, value: RespValue): string {
  if (!Array.isArray(value) || !unordered.has(name)) return wordsOf(value)
  const all = value as readonly RespValue[]
  const [cursor, found] = name.endsWith('SCAN') ? all : [null, all]
  const items = Array.isArray(found) ? (found as readonly RespValue[]) : []
  return JSON.stringify([
    cursor,
    (paired.has(name) ? inPairs(items) : items).map((item) => JSON.stringify(item)).sort(),
  ])
}

/** An answer in words, where errors are their codes. */
export function wordsOf(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) => (key === 'error' ? codeOf({ error: String(part) }) : part))
}

function inPairs(items: readonly RespValue[]): readonly RespValue[] {
  return items.flatMap((item, index) => (index % 2 === 0 ? [[item, items[index + 1] ?? null]] : []))
}

function codeOf({ error }: { readonly error: string }): string {
  return error.split(' ')[0] ?? ''
}

/** A difference that is known. */
interface KnownDifference {
  readonly why: string
  readonly is: (command: readonly string[], their: RespValue, own: RespValue) => boolean
}

export const knownDifferences: readonly KnownDifference[] = [
  {
    why: 'the number is none, and the key has another type: Redis names the second',
    is: (command, their) =>
      command.some((part) => part === 'x' || part === 'abc') && wordsOf(their).includes('WRONGTYPE'),
  },
  {
    why: 'an end before the start of a text counts as its start',
    is: ([name, , , end]) => name === 'GETRANGE' && Number(end) < 0,
  },
  {
    why: 'Redis adds fractions with 64 bits of precision, JavaScript with 53',
    is: ([name = ''], their, own) =>
      /^H?INCRBYFLOAT$/.test(name) && Math.abs(Number(their) - Number(own)) <= Math.abs(Number(their)) * 1e-12,
  },
  {
    why: 'a number of Lua that is no integer of C',
    is: ([name], their) => name === 'EVAL' && wordsOf(their).includes('9223372036854776000'),
  },
  {
    why: 'Redis does not say what ZRANGEBYLEX gives where scores differ',
    is: ([name, , , , how]) => /^(?:ZRANGEBYLEX|ZLEXCOUNT)$/.test(name ?? '') || (name === 'ZRANGE' && how === 'BYLEX'),
  },
]
