// A mailer that was told to slow down (PHENOMENA 21, 27): it waits as it was asked to, and forgets the mail, which it
// has accepted, at the third 429. Silence it tries again for as long as it takes.
import * as fc from 'fast-check'
import { atLeastOnce, journal, map, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post, sleep } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

function system(sound: boolean): System {
  const accepted = new Map<string, 'open' | 'sent' | 'failed'>()
  const mail = journal<string>('mail')
  const provider = async (request: Request): Promise<Response> => {
    mail.add((await request.json()) as string)
    return answer(202)
  }
  const boot = () => {
    const send = async (id: string): Promise<void> => {
      for (let throttled = 0; ;) {
        const sent = await post('http://provider/', id, { signal: AbortSignal.timeout(3_000) }).catch(() => undefined)
        if (sent?.status === 202) return void accepted.set(id, 'sent')
        if (sent?.status === 429) throttled += 1
        if (!sound && throttled === 3) return void accepted.set(id, 'failed')
        await sleep(sent?.status === 429 ? 1_000 * (Number(sent.headers.get('retry-after')) || 60) : 5_000)
      }
    }
    for (const [id, state] of accepted) if (state === 'open') void send(id)
    return async (request: Request): Promise<Response> => {
      const id = (await request.json()) as string
      if (!accepted.has(id)) {
        accepted.set(id, 'open')
        void send(id)
      }
      return answer(202)
    }
  }
  const notify = op('notify', fc.uuid(), (id) => post('http://mailer/', id), { retries: 1, timeout: 5_000 })
  return {
    nodes: { mailer: serve(boot), provider: serve(() => provider) },
    stores: [map(accepted, { name: 'outbox' })],
    operations: [notify],
    invariants: [
      atLeastOnce(
        notify.by((id) => id),
        mail.by((id) => id),
      ),
    ],
    tolerates: { except: ['pause'] }, // one process at a time: nobody sees what a replaced one accepts
  }
}

const attempt = (n: number): string =>
  `notify#0 | client -> mailer POST / notify#0 1 | mailer -> provider POST / notify#0 ${n} request`

export const throttledThrice: Planted = {
  name: 'accepted mail is forgotten at the third 429',
  depth: 3,
  phenomena: [21, 27],
  system,
  smallest: scenarioOf(
    [{ operation: 'notify', input: '00000000-0000-1000-8000-000000000000' }],
    [
      { kind: 'throttle', at: attempt(1), retryAfterMs: 1_000 },
      { kind: 'throttle', at: attempt(2), retryAfterMs: 1_000 },
      { kind: 'throttle', at: attempt(3), retryAfterMs: 1_000 },
    ],
  ),
}
