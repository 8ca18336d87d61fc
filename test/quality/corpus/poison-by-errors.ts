// A queue consumer that gives up after three bad answers of the next service (PHENOMENA 3, 39): network errors are
// tried again for ever, and a 5xx counts as a poisonous message. After the third one the message is dropped without a
// word.
import * as fc from 'fast-check'
import { atLeastOnce, journal, map, serve, type System } from '../../../src/index.ts'
import { deliveries } from '../../../src/queues.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

const patience = 3

function system(sound: boolean): System {
  const failures = new Map<string, number>()
  const booked = journal<string>('booking')
  const ledger = async (request: Request): Promise<Response> => {
    booked.add((await request.json()) as string)
    return answer(201)
  }
  const consume = async (id: string): Promise<void> => {
    const { status } = await post('http://ledger/', id, { signal: AbortSignal.timeout(2_000) })
    if (status === 201) return
    const failed = (failures.get(id) ?? 0) + 1
    failures.set(id, failed)
    if (!sound && status >= 500 && failed >= patience) return // poison: do not block the queue
    throw new Error(`the ledger answered ${status}`)
  }
  return deliveries(consume, fc.array(fc.uuid()), (deliver) => ({
    nodes: { ledger: serve(() => ledger) },
    stores: [map(failures, { name: 'failures' })],
    invariants: [
      atLeastOnce(
        deliver.by((id) => id),
        booked.by((id) => id),
      ),
    ],
  }))
}

const attempt = (n: number): string =>
  `deliver#0 | client -> handler deliver events deliver#0 ${n} | handler -> ledger POST / deliver#0 1 request`

export const poisonByErrors: Planted = {
  name: 'a message is dropped after three 5xx',
  depth: 3,
  phenomena: [3, 39],
  system,
  smallest: scenarioOf(
    [{ operation: 'deliver', input: '00000000-0000-1000-8000-000000000000' }],
    [
      { kind: 'error', at: attempt(1), status: 503 },
      { kind: 'error', at: attempt(2), status: 503 },
      { kind: 'error', at: attempt(3), status: 503 },
    ],
  ),
}
