// Reads transactions in the format of database checkers (PolySI, Plume): a line `r(key,value,session,transaction)` or
// `w(...)` for each read and write. There are no times, only the order of each session.
// https://github.com/hengxin/PolySI-PVLDB2023-Artifacts
import type { MicroOp } from '../history/act.ts'
import type { History, HistoryEvent } from '../history/history.ts'
import { wrong } from './recorded.ts'
import { linesOf, type TextSource } from './text-lines.ts'

const microOp = /([rw])\(\s*([^(),]+?)\s*,\s*([^(),]+?)\s*,\s*([^(),]+?)\s*,\s*([^(),]+?)\s*\)/y

/** Whether a line has this format. */
export function isSessionLine(written: string): boolean {
  microOp.lastIndex = 0
  return microOp.test(written)
}

/** A micro-operation with its line, session and transaction. */
interface SessionStep {
  readonly line: number
  readonly micro: MicroOp
  readonly session: string
  readonly transaction: string
}

interface SessionTransaction {
  readonly line: number
  readonly session: string
  readonly fate: 'ok' | 'fail'
  readonly micros: MicroOp[]
}

/**
 * The history of such lines. A session is a client. If nobody writes 0 to a key, a read of 0 found nothing there. Each
 * line of transaction -1 is a transaction that was rolled back.
 *
 * @throws if a line is not such an operation, or a transaction is in two sessions, with the line
 */
export function sessionLines(source: TextSource): History {
  const steps = Array.from(linesOf(source)).flatMap(({ text, line }) => stepsIn(text, line))
  const written = new Set(steps.flatMap(({ micro: [f, key, value] }) => (f === 'w' ? [`${key} ${String(value)}`] : [])))
  const txns = txnsOf(steps, ([, key]) => !written.has(`${key} 0`))
  const clients = new Map<string, number>()
  const events: HistoryEvent[] = []
  txns.forEach(({ session, fate, micros }, invocation) => {
    const client = clients.get(session) ?? clients.size
    clients.set(session, client)
    const shared = { invocation, operation: 'txn', client, node: `session ${session}` }
    const input = micros.map(([f, key, value]) => [f, key, f === 'r' ? null : value])
    const seq = events.length
    events.push({ kind: 'invoke', seq, atMs: seq, cause: -1, ...shared, input })
    events.push({ kind: fate, seq: seq + 1, atMs: seq + 1, cause: seq, ...shared, value: micros })
  })
  return { events, readings: [], notes: [], timed: false }
}

function stepsIn(text: string, line: number): readonly SessionStep[] {
  const steps: SessionStep[] = []
  for (let at = 0; at < text.length;) {
    const gap = /^[\s,;]*/.exec(text.slice(at))?.[0].length ?? 0
    at += gap
    if (at >= text.length) break
    microOp.lastIndex = at
    const [found, f, key = '', value = '', session = '', transaction = ''] = microOp.exec(text) ?? []
    if (found === undefined)
      throw wrong(
        line,
        `"${text.trim()}" is no operation`,
        'write r(key,value,session,transaction) or w(key,value,session,transaction)',
      )
    const micro: MicroOp = [f === 'r' ? 'r' : 'w', keyName(key), valueOf(value)]
    steps.push({ line, micro, session, transaction })
    at += found.length
  }
  return steps
}

/** The transactions in the order of their first lines, which is that of each session. */
function txnsOf(steps: readonly SessionStep[], isInitial: (micro: MicroOp) => boolean): readonly SessionTransaction[] {
  const txns = new Map<string, SessionTransaction>()
  for (const { line, micro, session, transaction } of steps) {
    const isRolledBack = transaction === '-1'
    const id = isRolledBack ? `-1 ${line} ${txns.size}` : transaction
    const known = txns.get(id)
    if (known !== undefined && known.session !== session)
      throw wrong(
        line,
        `transaction ${transaction} stands in session ${session}, and on line ${known.line} in session ` +
          known.session,
        'give each transaction a number of its own',
      )
    const txn = known ?? { line, session, fate: isRolledBack ? 'fail' : 'ok', micros: [] }
    txns.set(id, txn)
    txn.micros.push(micro[0] === 'r' && micro[2] === 0 && isInitial(micro) ? ['r', micro[1], null] : micro)
  }
  return [...txns.values()]
}

/** A key. An integer that a number cannot hold stays a string, since keys are only compared. */
function keyName(written: string): string | number {
  const value = valueOf(written)
  return typeof value === 'number' ? value : written
}

function valueOf(written: string): string | number | bigint | null {
  if (written === 'null' || written === 'nil') return null
  if (!/^-?\d+$/.test(written)) return written
  return Number.isSafeInteger(Number(written)) ? Number(written) : BigInt(written)
}
