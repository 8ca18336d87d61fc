// Histories of several hundred register transactions, answered by a serial store, or by one with snapshots where the
// first committer wins. For tests only.
import type { MicroOp } from '../../src/history/act.ts'
import type { History, HistoryEvent } from '../../src/history/history.ts'
import { seededRandom } from './seeded-random.ts'

export interface StoreShape {
  /** `serial`: a transaction takes effect at one moment. `snapshot`: it reads the state of its beginning. */
  readonly isolation: 'serial' | 'snapshot'
  readonly transactions: number
  readonly keys: number
  readonly clients: number
  readonly seed: number
}

interface Open {
  readonly client: number
  readonly invocation: number
  readonly seq: number
  readonly asked: readonly MicroOp[]
  readonly begunAt: number
  answer: readonly MicroOp[] | undefined
  isDone: boolean
}

interface Stored {
  readonly value: number
  readonly at: number
}

/** Each transaction takes effect between its invocation and its answer. */
export function storeHistory({ isolation, transactions, keys, clients, seed }: StoreShape): History {
  const random = seededRandom(seed)
  const events: HistoryEvent[] = []
  const stored = new Map<string, Stored[]>()
  const free = Array.from({ length: clients }, (_, client) => client)
  const open: Open[] = []
  let [begun, commits, values] = [0, 0, 0]
  const at = (key: string, moment: number): number | null =>
    stored.get(key)?.findLast((one) => one.at <= moment)?.value ?? null
  const micro = (): MicroOp => {
    const key = `k${random(keys)}`
    return random(2) === 0 ? ['r', key, null] : ['w', key, ++values]
  }
  const commit = (one: Open): void => {
    one.isDone = true
    const moment = isolation === 'serial' ? commits : one.begunAt
    const own = new Map<string, unknown>()
    const answer = one.asked.map(([f, key, value]): MicroOp => {
      if (f === 'r') return ['r', key, own.get(String(key)) ?? at(String(key), moment)]
      own.set(String(key), value)
      return [f, key, value]
    })
    const isLate = Array.from(own.keys()).some((key) => (stored.get(key)?.at(-1)?.at ?? 0) > moment)
    if (isLate) return
    one.answer = answer
    if (own.size > 0) commits += 1
    for (const [key, value] of own) stored.set(key, [...(stored.get(key) ?? []), { value: Number(value), at: commits }])
  }
  while (begun < transactions || open.length > 0) {
    const seq = events.length
    const client = begun < transactions && (open.length === 0 || random(2) === 0) ? free.shift() : undefined
    if (client !== undefined) {
      const asked = Array.from({ length: 1 + random(4) }, micro)
      const shared = {
        seq,
        atMs: seq,
        node: `client#${client}`,
        cause: -1,
        invocation: begun,
        operation: 'txn',
        client,
      }
      events.push({ kind: 'invoke', ...shared, input: asked })
      open.push({ client, invocation: begun++, seq, asked, begunAt: commits, answer: undefined, isDone: false })
      continue
    }
    const [one] = open.splice(random(open.length), 1)
    if (one === undefined) continue
    if (!one.isDone) commit(one)
    if (isolation === 'serial' && open[0]?.isDone === false && random(2) === 0) commit(open[0])
    const { invocation, answer } = one
    const shared = { seq, atMs: seq, node: `client#${one.client}`, cause: one.seq, invocation, operation: 'txn' }
    events.push({ kind: answer === undefined ? 'fail' : 'ok', ...shared, client: one.client, value: answer })
    free.push(one.client)
  }
  return { events, readings: [], notes: [] }
}
