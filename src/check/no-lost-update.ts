// noLostUpdate: no update overwrites another that it has not seen. A safety property of transactions that read and then
// write. Speaks for clients; must not know locks or isolation levels.
import type { Transaction } from '../history/act.ts'
import type { History } from '../history/history.ts'
import type { InterpretedOperation } from '../system/operation.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, vacuous, weakly, type Invariant } from '../verdict/verdict.ts'
import { accessesOf } from './session/accesses.ts'
import type { Access, Version } from './session/version.ts'
import { list, checkerName, seqs, shown, toldAt, who } from './reason-words.ts'

/**
 * Holds when no two transactions that were answered ok read the same version of a key and then both wrote that key,
 * since the later write would overwrite the earlier one unseen. It is not known what a transaction without an answer
 * read, so it is not counted. A compare-and-set is such a transaction; appends to a list overwrite nothing.
 *
 * A read from thin air, or of an operation that failed, is violated as in `readYourWrites`. Vacuous when no transaction
 * read a key and then wrote it.
 *
 * P4 of Berenson et al., "A Critique of ANSI SQL Isolation Levels" (SIGMOD 1995); in Adya's terms (1999), two
 * transactions that read one version and both overwrite it.
 *
 * @param operations what each operation reads and writes @default `read`, `write`, `append` and `txn` of a recorded
 *   history
 * @throws in `check`, if one value is written to a key twice, or if sequential clients cannot have produced the history
 * @example
 * // a version is the id of the request that made it
 * noLostUpdate([
 *   add.as(({ id, sku }, answer) => [
 *     ['r', sku, answer?.before],
 *     ['w', sku, id],
 *   ]),
 * ])
 */
export function noLostUpdate(operations?: readonly InterpretedOperation<Transaction>[]): Invariant {
  return {
    kind: 'invariant',
    name: checkerName('noLostUpdate', operations),
    effects: [],
    check(history: History) {
      const found = accessesOf(history, operations)
      const updates = updatesOf(found.accesses)
      const lost = Array.from(updates)
        .filter(([, made]) => made.length > 1)
        .map(([version, made]) => lostUpdate(version, made))
      const reasons = [...found.reasons, ...lost]
      if (reasons.length > 0) return { kind: 'violated', reasons }
      if (updates.size === 0)
        return vacuous(
          'no operation that was answered ok read a key and then wrote it: is each read and write a transaction of ' +
            'its own?',
        )
      const keys = new Set(Array.from(updates.keys(), ({ of }) => of))
      if (keys.size < updates.size) return holds
      return weakly(
        keys.size < 2 ? '' : 'no two operations updated the same key. Draw keys from a few: fc.constantFrom("a", "b").',
      )
    },
  }
}

/** For each version that transactions read before they wrote its key: the last write of each of these transactions. */
function updatesOf(accesses: readonly Access[]): ReadonlyMap<Version, readonly Access[]> {
  const updates = new Map<Version, Access[]>()
  for (const transaction of transactionsOf(accesses)) {
    for (const those of byKey(transaction)) {
      const [first] = those
      const write = those.findLast(({ kind }) => kind === 'write')
      if (first?.kind !== 'read' || write === undefined || first.version.of.list) continue
      const made = updates.get(first.version) ?? []
      made.push(write)
      updates.set(first.version, made)
    }
  }
  return updates
}

/**
 * Groups the accesses of a transaction by key. Most transactions have one key, and skipping the map for these saves
 * most of the time on a million transactions.
 */
function byKey(transaction: readonly Access[]): Iterable<readonly Access[]> {
  const of = transaction[0]?.version.of
  return transaction.every(({ version }) => version.of === of)
    ? [transaction]
    : Map.groupBy(transaction, ({ version }) => version.of).values()
}

/** Groups accesses by call; those of one call are adjacent. */
function transactionsOf(accesses: readonly Access[]): readonly (readonly Access[])[] {
  const transactions: Access[][] = []
  for (const access of accesses) {
    const last = transactions.at(-1)
    if (last?.[0]?.call === access.call) last.push(access)
    else transactions.push([access])
  }
  return transactions
}

const mostTold = 4

function lostUpdate({ of, value, writer }: Version, made: readonly Access[]): Reason {
  const writes = made
    .slice(0, mostTold)
    .map(({ version, call }) => `${who(call)} wrote ${shown(version.value)} (answered at ${toldAt(call)})`)
  return {
    text:
      `${made.length} transactions read ${writer === undefined ? 'nothing' : shown(value)} of ${shown(of.key)} ` +
      'before they wrote to it: ' +
      `${list(made.length > mostTold ? [...writes, `${made.length - mostTold} more`] : writes)}; ` +
      'expected that no update overwrites what it has not read.',
    kind: 'lost-update',
    subject: of.key,
    events: seqs(
      [],
      made.map(({ call }) => call),
    ),
  }
}
