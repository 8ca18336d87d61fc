// What the simulation is for PostgreSQL's own code while it carries out a statement: a clock and random numbers, and no
// timers. Those that PostgreSQL arms, for its statistics, outlast a history and would differ from run to run.
import { current, within, type Context, type Host, type VirtualTimer } from '../../simulate/context.ts'

const inert: VirtualTimer = {
  cancel: () => undefined,
  refresh: () => undefined,
  keep: () => undefined,
  spentIf: () => undefined,
  kept: false,
  active: false,
}

/** Lets PostgreSQL's own code run. */
export function inEngine<T>(run: () => T): T {
  const context = current()
  return context === undefined ? run() : within(engineContext(context), run)
}

function engineContext(context: Context): Context {
  const { host } = context
  const own: Partial<Host> = {
    arm: () => inert,
    // Its reading of the clock is no reason to wait for anything
    wallMs: ({ clock }) => clock.wallMs(host.nowMs),
    timerMs: ({ clock }) => clock.timerMs(host.nowMs),
  }
  const forEngine = new Proxy(host, {
    get(target, key) {
      const value: unknown = Reflect.get(own, key) ?? Reflect.get(target, key, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  return { ...context, host: forEngine }
}
