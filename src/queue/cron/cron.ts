// cron: a process that runs a job whenever an expression is due. When that is, also where clocks are put forward and
// back in spring and autumn, is croner's own; it runs on the process's own clock and timers.
import { assertNumber, assertOptions, assertType, foundWords } from '../../plain/options.ts'
import { SetupError } from '../../simulate/setup-error.ts'
import type { NodeDefinition } from '../../system/system.ts'
import { running } from '../../transport/provide.ts'
import { worker, type WorkerOptions } from '../worker.ts'
import { cronerFor, loadCroner } from './croner.ts'

/** What is run. `slot`: when it was due, by the schedule. */
export type CronJob = (slot: Date) => unknown

/** How a job is scheduled. */
export interface CronOptions extends Pick<WorkerOptions, 'instances'> {
  /** The time zone of the expression, as in 'Europe/Berlin'. @default 'UTC' */
  readonly timeZone?: string
}

const known: Record<keyof CronOptions, true> = { instances: true, timeZone: true }

/** The expression is never due again. */
const never = new Date(NaN)

/**
 * A node that is a process with one scheduled job. `boot` gives the job, and is called for every incarnation. Each of
 * its `instances` keeps the schedule by itself, as replicas of a service do. A slot that comes while a process is down,
 * or stands still, is missed by it: whoever must not miss one looks for it as it starts. A job that throws ends its
 * process. Needs `croner`, which you install.
 *
 * A history is over when nothing but the schedule is left: let an operation last as long as you want to watch it.
 *
 * @throws if `boot` is no function, or an option is unknown or has a wrong value; while a history runs, if the
 *   expression is none
 * @example
 * const report = journal<{ slot: number }>('report')
 * const hour = op('hour', fc.constant(3_600_000), (ms) => new Promise((resolve) => setTimeout(resolve, ms)))
 * const system = {
 *   nodes: { reports: cron('0,10,20,30,40,50 * * * *', () => makeReport, { instances: 2 }) },
 *   operations: [hour],
 *   invariants: [runsOncePerSlot(report, { everyMs: 600_000 })],
 * }
 */
export function cron(
  expression: string,
  boot: () => CronJob | PromiseLike<CronJob>,
  options: CronOptions = {},
): NodeDefinition {
  const of = `cron(${JSON.stringify(expression)})`
  if (typeof expression !== 'string' || expression.trim() === '')
    throw new Error(`${of}: its first argument is ${foundWords(expression)}; give an expression: '*/5 * * * *'.`)
  if (typeof boot !== 'function')
    throw new Error(`${of}: its second argument is ${foundWords(boot)}; give a factory of the job: () => job.`)
  assertOptions(of, options, known)
  assertNumber(`${of}: instances`, options.instances, 'a whole number from 1')
  assertType(`${of}: timeZone`, options.timeZone, 'string', "a time zone, as in 'Europe/Berlin'")
  const { timeZone = 'UTC', instances } = options
  void loadCroner()
  return worker(
    async () => {
      const { Cron } = await cronerFor(running(), of, expression)
      const job: unknown = await boot()
      if (typeof job !== 'function')
        throw new SetupError(`${of}: its factory gave ${foundWords(job)}, and no job. Return the function itself.`)
      let slot: Date
      const schedule = new Cron(expression, { timezone: timeZone }, async (): Promise<void> => {
        const due = slot
        slot = schedule.nextRun() ?? due
        await (job as CronJob)(due)
      })
      slot = schedule.nextRun() ?? never
    },
    instances === undefined ? {} : { instances },
  )
}
