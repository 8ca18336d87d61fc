// Jobs of a worker that died are taken over by the other worker (PHENOMENA 13, 16): at its start, each looks for jobs
// of the other that are older than 30 s by its clock. A fast clock makes a job look old that is under way.
import * as fc from 'fast-check'
import { atMostOnce, journal, map, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post, sleep } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

interface Job {
  readonly owner: string
  readonly sinceMs: number
  readonly done: boolean
}

function system(sound: boolean): System {
  const jobs = new Map<string, Job>()
  const mail = journal<string>('mail')
  const sent = new Set<string>()
  const mailer = async (request: Request): Promise<Response> => {
    const id = (await request.json()) as string
    const known = sent.has(id)
    sent.add(id)
    if (!sound || !known) mail.add(id)
    return answer(202)
  }
  const worker = (owner: string) => () => {
    const work = async (id: string): Promise<void> => {
      jobs.set(id, { owner, sinceMs: Date.now(), done: false })
      await sleep(100)
      await post('http://mailer/', id, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
      await sleep(5_000) // the report about it
      jobs.set(id, { owner, sinceMs: Date.now(), done: true })
    }
    for (const [id, job] of jobs)
      if (job.owner !== owner && !job.done && Date.now() - job.sinceMs > 30_000) void work(id)
    return async (request: Request): Promise<Response> => {
      const id = (await request.json()) as string
      if (!jobs.has(id)) void work(id)
      return answer(202)
    }
  }
  const submit = op(
    'submit',
    fc.record({ to: fc.constantFrom('left', 'right'), id: fc.uuid() }),
    ({ to, id }) => post(`http://${to}/`, id),
    { timeout: 5_000 },
  )
  return {
    nodes: { left: serve(worker('left')), right: serve(worker('right')), mailer: serve(() => mailer) },
    stores: [map(jobs, { name: 'jobs' }), map(sent, { name: 'sent' })],
    operations: [submit],
    invariants: [atMostOnce(mail.by((id) => id))],
  }
}

export const takenTooEarly: Planted = {
  name: 'a worker with a fast clock restarts and takes a job over',
  depth: 2,
  phenomena: [13, 16],
  system,
  smallest: scenarioOf(
    [
      { operation: 'submit', input: { to: 'left', id: '00000000-0000-1000-8000-000000000000' } },
      { operation: 'submit', input: { to: 'right', id: '00000000-0000-1000-8000-000000000001' }, afterMs: 1_000 },
    ],
    [
      { kind: 'skew', at: 'boot(right) | right -> right boot 1 request', byMs: 60_000 },
      { kind: 'crash', at: 'submit#1 | client -> right POST / id#1 1 request', node: 'right', restartAfterMs: 1_000 },
    ],
  ),
}
