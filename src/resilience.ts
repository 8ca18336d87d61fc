// resilience: a system as a property for plain `fc.assert` and `fc.check`. The only file that knows fast-check's raw
// property interface (4.10). A property sees neither the parameters nor the end of a whole check, so each run opens the
// system, explores a part, and closes the system again.
import * as fc from 'fast-check'
import { assertAssessOptions, assessmentTitles, type Assessment } from './assessment.ts'
import { assertKnown, assertOwn } from './saved/known-names.ts'
import { assertType } from './plain/options.ts'
import { Exploration } from './property.ts'
import type { SavedCounterexample } from './saved/saved-counterexample.ts'
import type { Scenario } from './scenario/scenario.ts'
import { inTurn } from './simulate/turns.ts'
import { open, type Simulation } from './simulation.ts'
import { assertSystem, type System } from './system/system.ts'
import { formatAssessment } from './report/format-assessment.ts'

/** What a property can be told besides the system. */
export interface PropertyOptions {
  /** Its name in the report. @default 'resilience' */
  readonly name?: string
  /** Saved counterexamples, replayed at the beginning of run 0. @default none */
  readonly saved?: readonly SavedCounterexample[]
  /** Shrink a failure, inside the run that failed. @default true */
  readonly shrink?: boolean
  /**
   * Real time for one run, its shrinking included, in milliseconds. Keep it below fast-check's `timeout`, after which
   * a report is discarded.
   *
   * @default unlimited
   */
  readonly timeLimitMs?: number
}

/** A placeholder for what one run will do, which is decided when it runs. Equal seeds give equal histories. */
export interface SymbolicRun {
  readonly kind: 'run'
  /** The number of the run; absent where fast-check does not pass it on (`unbiased`). */
  readonly run?: number
  readonly seed: number
}

/** What a failing run throws: its message is the report. */
export interface ResilienceError extends Error {
  /** The same as data. Where it is `violated`, the counterexample's `scenario` can be given to `examples`. */
  readonly assessment: Assessment
}

/** A property of fast-check. `examples` may hold scenarios that you wrote. */
export type Resilience = fc.IAsyncProperty<SymbolicRun | Scenario>

/**
 * A fast-check property that holds when no invariant is violated. Run 0 executes the saved counterexamples, the perfect
 * network and every single fault, and fails when that is inconclusive; each later run is one random history. A failure
 * is shrunk inside its run, so that `path` is one whole number, and `seed` with `path` replays it exactly. Unlike
 * `testResilience`, this draws no verdict from all histories together.
 *
 * @throws where it is given no system, or a saved counterexample of another test
 * @example
 * const system = { nodes: { shop: serve(() => app) }, operations: [pay], invariants: [noHang()] }
 * await fc.assert(resilience(system), { numRuns: 100 })
 */
export function resilience(system: System, options: PropertyOptions = {}): Resilience {
  assertSystem(system, 'resilience()')
  assertAssessOptions(options, 'resilience()', known)
  assertType('name', options.name, 'string', 'a text')
  for (const saved of options.saved ?? []) assertOwn(saved, system)
  return new ResilienceProperty(system, options)
}

const known: Record<keyof PropertyOptions, true> = { name: true, saved: true, shrink: true, timeLimitMs: true }

class ResilienceProperty implements Resilience {
  readonly #system: System
  readonly #options: PropertyOptions
  /** Whether the system is known to work on a perfect network. */
  #works = false
  /** Whether the first run has begun, which tries every single fault. */
  #certified = false
  #running: Promise<unknown> = Promise.resolve()
  #abandoned = { now: false }

  constructor(system: System, options: PropertyOptions) {
    this.#system = system
    this.#options = options
  }

  isAsync(): true {
    return true
  }

  generate(random: fc.Random, runId?: number): fc.Value<SymbolicRun | Scenario> {
    if (!(random instanceof fc.Random))
      throw new Error(
        `resilience(): fc.assert or fc.check of another copy of fast-check runs this property. ${oneCopy}`,
      )
    const seed = random.nextInt()
    return new fc.Value<SymbolicRun | Scenario>(
      { kind: 'run', ...(runId === undefined ? {} : { run: runId }), seed, ...stringified },
      undefined,
    )
  }

  /** Nothing: a failure is shrunk inside its run, where its scenario is known. */
  shrink(): fc.Stream<fc.Value<SymbolicRun | Scenario>> {
    return fc.Stream.nil()
  }

  /** Runs are executed one after the other: a store has one content. */
  run(value: SymbolicRun | Scenario): Promise<fc.PropertyFailure | null> {
    const abandoned = { now: false }
    this.#abandoned = abandoned
    const running = this.#running.then(() => this.#judge(value, abandoned)).catch((error: unknown) => ({ error }))
    this.#running = running
    return running
  }

  async runBeforeEach(): Promise<void> {}

  /**
   * Where the run is not over yet, fast-check has stopped waiting for it (`timeout`, `interruptAfterTimeLimit`): the
   * run is asked to stop, and awaited, so that the drivers of stores are put back.
   */
  async runAfterEach(): Promise<void> {
    this.#abandoned.now = true
    await this.#running
  }

  async #judge(
    value: SymbolicRun | Scenario,
    abandoned: { readonly now: boolean },
  ): Promise<fc.PropertyFailure | null> {
    if (abandoned.now) return null
    return inTurn(() => this.#judgeAlone(value, abandoned))
  }

  async #judgeAlone(
    value: SymbolicRun | Scenario,
    abandoned: { readonly now: boolean },
  ): Promise<fc.PropertyFailure | null> {
    const simulation = await open(this.#system)
    try {
      const assessment = await this.#assess(simulation, value, () => abandoned.now)
      return assessment === undefined || assessment.kind === 'holds'
        ? null
        : { error: errorOf(assessment, this.#options.name) }
    } finally {
      await simulation.close()
    }
  }

  async #assess(
    simulation: Simulation,
    value: SymbolicRun | Scenario,
    stopped: () => boolean,
  ): Promise<Assessment | undefined> {
    const { saved = [], shrink = true, timeLimitMs } = this.#options
    const { seed } = value
    const exploration = new Exploration(simulation, {
      seed,
      saved,
      shrink,
      numRuns: 1,
      stopped,
      ...(timeLimitMs === undefined ? {} : { timeLimitMs }),
    })
    if (!isSymbolic(value)) {
      assertKnown(value, this.#system, { failure: 'Cannot run this example', advice: 'Is it of another system?' })
      return exploration.given(value)
    }
    const { run } = value
    const first = run === 0 || (run === undefined && !this.#certified)
    const found = first
      ? await this.#certify(exploration)
      : this.#works
        ? undefined
        : await exploration.perfectNetwork()
    this.#works ||= found === undefined || found.kind === 'holds'
    if (run === 0 || (found !== undefined && found.kind !== 'holds')) return found
    return exploration.swarm()
  }

  /** Run 0: saved counterexamples, the perfect network, all single faults, and whether that means anything. */
  async #certify(exploration: Exploration): Promise<Assessment> {
    this.#certified = true
    return (
      (await exploration.replaySaved()) ??
      (await exploration.perfectNetwork()) ??
      (await exploration.certify()) ??
      exploration.conclude()
    )
  }
}

/** How fast-check prints a run. */
const stringified = {
  [fc.toStringMethod](this: SymbolicRun): string {
    const what =
      this.run === 0 ? 'saved counterexamples, the perfect network and every single fault' : 'a random history'
    return `${this.run === undefined ? 'run' : `run ${this.run}`} (${what}; seed ${this.seed})`
  },
}

const oneCopy = 'Keep one copy, loaded in one way (import or require): see `npm ls fast-check`.'

function isSymbolic(value: SymbolicRun | Scenario): value is SymbolicRun {
  return 'kind' in value
}

function errorOf(assessment: Assessment, name = 'resilience'): ResilienceError {
  const error = new Error(formatAssessment(assessment, { test: name }))
  error.name = assessmentTitles[assessment.kind]
  // Not enumerable: test runners would print all of it below the report
  return Object.defineProperty(error, 'assessment', { value: assessment }) as ResilienceError
}
