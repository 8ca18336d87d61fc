// The sentence for a violation of causality: what a client read, what it had seen before, and through which steps. Text
// only.
import { bug } from '../../plain/bug.ts'
import { clientWords } from '../../history/node-words.ts'
import type { Reason } from '../../verdict/reason.ts'
import { list, seconds, seqs, shown } from '../reason-words.ts'
import type { Access } from './version.ts'

const mostTold = 6
const expected = 'expected that every client sees a cause before its effect.'

/**
 * The reason for reads that return a version from before one of their own causes. Each way leads from that cause to the
 * read.
 */
export function effectBeforeCause(ways: readonly (readonly Access[])[]): Reason {
  const accesses = ways.flat()
  return {
    text:
      `${ways.map(misread).join('; while ')}${ways.length > 1 ? ': no order of the writes allows that' : ''}; ` +
      expected,
    kind: 'effect-before-cause',
    subject: accesses[0]?.version.of.key,
    events: seqs(
      [],
      accesses.map(({ call }) => call),
    ),
  }
}

function misread(way: readonly Access[]): string {
  const read = way.at(-1)
  const [known] = way
  if (read === undefined || known === undefined) bug('a way from cause to read is empty')
  return `${accessWords(read)} although ${shown(known.version.value)} was among its causes (${steps(way.slice(0, -1))})`
}

/** The reason for lists that show an effect before its cause. */
export function againstLists(accesses: readonly Access[]): Reason {
  return {
    text:
      `Lists show ${shown(accesses.at(-1)?.version.value)} before ${shown(accesses[0]?.version.value)}, which ` +
      `caused it: ${steps(accesses)}; ${expected}`,
    kind: 'effect-before-cause',
    subject: accesses[0]?.version.of.key,
    events: seqs(
      [],
      accesses.map(({ call }) => call),
    ),
  }
}

/** The reason for accesses that cause each other in a cycle. */
export function circular(accesses: readonly Access[]): Reason {
  return {
    text:
      `Each of these would be the cause of the next, and the last of the first: ${steps(accesses)}; ` +
      'expected that nothing causes itself.',
    kind: 'circular-causes',
    subject: accesses[0]?.version.of.key,
    events: seqs(
      [],
      accesses.map(({ call }) => call),
    ),
  }
}

function steps(accesses: readonly Access[]): string {
  const hidden = accesses.length - mostTold
  const all = accesses.map(accessWords)
  return list(hidden > 0 ? [...all.slice(0, mostTold), `${hidden} more`] : all)
}

function accessWords({ kind, version, call: { invoke, end }, known }: Access): string {
  const what =
    version.writer === undefined
      ? 'nothing'
      : `${kind === 'read' && version.of.list ? 'up to ' : ''}${shown(version.value)}`
  const verb =
    kind === 'read'
      ? `read ${what} of`
      : `${known ? (version.of.list ? 'appended' : 'wrote') : 'asked to write'} ${what} to`
  return (
    `${clientWords(invoke.client)} ${verb} ${shown(version.of.key)} at ` +
    seconds((known ? end?.atMs : undefined) ?? invoke.atMs)
  )
}
