// Death for good: two instances take jobs from one table. One dies in the middle of a job, and never comes back. The
// broken worker looks for queued jobs only, so that the job stays "running" for ever. The sound one also takes a job
// that nobody has moved for ten seconds by its own timer: it trusts no other machine's clock.
import * as fc from 'fast-check'
import { journal, map, op, rows, serve, takenOver, type FetchHandler, type System } from 'two-generals'

interface Job {
  readonly state: 'queued' | 'running' | 'done'
  /** Grows with each try. */
  readonly attempt: number
}

const jobs = new Map<string, Job>()
const begun = journal<{ job: string }>('begun')
const finished = rows(
  'finished',
  () => [...jobs].filter(([, { state }]) => state === 'done').map(([job]) => ({ job })),
  {
    everyCommit: true,
  },
)

const leaseMs = 10_000

/** Which jobs a worker may take: queued ones, and as its rule says those that others run. */
type Rule = () => (id: string, job: Job) => boolean

/** Looks for work every second. */
function worker(rule: Rule): FetchHandler {
  const mayTake = rule()
  const work = async (id: string, { attempt }: Job): Promise<void> => {
    jobs.set(id, { state: 'running', attempt: attempt + 1 })
    begun.add({ job: id })
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    jobs.set(id, { state: 'done', attempt: attempt + 1 })
  }
  setInterval(() => {
    for (const [id, job] of jobs) if (job.state === 'queued' || mayTake(id, job)) void work(id, job)
  }, 1_000)
  return async (request: Request) => {
    const id = await request.text()
    if (!jobs.has(id)) jobs.set(id, { state: 'queued', attempt: 0 })
    return new Response(null, { status: 202 })
  }
}

/** "Running" means that somebody works on it. */
export const onlyQueued: Rule = () => () => false

/** "Running" means so only while the job moves. */
export const expired: Rule = () => {
  const seen = new Map<string, { readonly attempt: number; readonly sinceMs: number }>()
  return (id, { state, attempt }) => {
    if (state === 'done') return false
    const known = seen.get(id)
    if (known?.attempt === attempt) return performance.now() - known.sinceMs > leaseMs
    seen.set(id, { attempt, sinceMs: performance.now() })
    return false
  }
}

const submit = op(
  'submit',
  fc.constantFrom('report', 'invoice', 'backup'),
  (job) => fetch('http://worker/jobs', { method: 'POST', body: job }),
  { retries: 2, timeout: 5_000 },
)

/** Two workers, one table. */
export function working(rule: Rule): System {
  return {
    nodes: { worker: serve(() => worker(rule), { instances: 2 }) },
    stores: [map(jobs, { name: 'jobs' })],
    operations: [submit],
    invariants: [
      takenOver(
        begun.by(({ job }) => job),
        finished.by(({ job }) => job),
        { withinMs: 60_000 },
      ),
    ],
  }
}
