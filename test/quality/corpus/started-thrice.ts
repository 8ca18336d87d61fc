// Jobs that are taken up again at each start (PHENOMENA 13, 20): a job that was begun three times is taken for the
// cause of the crashes and dropped, though it was accepted and would have worked.
import * as fc from 'fast-check'
import { atLeastOnce, journal, map, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post, sleep } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

const mostStarts = 3

interface Job {
  readonly state: 'open' | 'done' | 'dead'
  readonly starts: number
}

function system(sound: boolean): System {
  const jobs = new Map<string, Job>()
  const mail = journal<string>('mail')
  const mailer = async (request: Request): Promise<Response> => {
    mail.add((await request.json()) as string)
    return answer(202)
  }
  const boot = () => {
    const work = async (id: string, starts: number): Promise<void> => {
      jobs.set(id, { state: 'open', starts })
      await sleep(100)
      for (;;) {
        const sent = await post('http://mailer/', id, { signal: AbortSignal.timeout(3_000) }).catch(() => undefined)
        if (sent?.status === 202) break
        await sleep(3_000)
      }
      jobs.set(id, { state: 'done', starts })
    }
    for (const [id, { state, starts }] of jobs) {
      if (state === 'open' && (sound || starts < mostStarts)) void work(id, starts + 1)
      else if (state === 'open') jobs.set(id, { state: 'dead', starts })
    }
    return async (request: Request): Promise<Response> => {
      const id = (await request.json()) as string
      if (!jobs.has(id)) void work(id, 1)
      return answer(202)
    }
  }
  const submit = op('submit', fc.uuid(), (id) => post('http://worker/', id), { retries: 1, timeout: 5_000 })
  return {
    nodes: { worker: serve(boot), mailer: serve(() => mailer) },
    stores: [map(jobs, { name: 'jobs' })],
    operations: [submit],
    invariants: [
      atLeastOnce(
        submit.by((id) => id),
        mail.by((id) => id),
      ),
    ],
    tolerates: { except: ['pause'] }, // one process at a time: nobody sees what a replaced one accepts
  }
}

export const startedThrice: Planted = {
  name: 'a job is dropped after three crashes',
  depth: 3,
  phenomena: [13, 20],
  system,
  smallest: scenarioOf(
    [{ operation: 'submit', input: '00000000-0000-1000-8000-000000000000' }],
    [
      {
        kind: 'crash',
        at: 'submit#0 | client -> worker POST / submit#0 1 reply',
        node: 'worker',
        restartAfterMs: 1_000,
        moment: 'after',
      },
      {
        kind: 'crash',
        at: 'boot(worker) | worker -> jobs set jobs submit#0 1 reply',
        node: 'worker',
        restartAfterMs: 1_000,
      },
      {
        kind: 'crash',
        at: 'boot(worker) | worker -> jobs set jobs submit#0 2 reply',
        node: 'worker',
        restartAfterMs: 1_000,
      },
    ],
  ),
}
