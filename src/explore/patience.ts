// How long a system is given before it is judged. Exploring is hasty: loops that went round three times count as such.
// Nobody is accused in haste, though, since code may count in memory and act after so many looks; and what is missing
// at a bound may only need longer. Such a history is run once more with patience. Knows how to run, not who runs.
import { listed } from '../scenario/plan.ts'
import type { Execute, Executed } from './executor.ts'

/** How many patient runs in a row may leave undecided what was missing before no more are made. */
const mostFruitless = 3

/** Runs scenarios as patiently as their verdicts need. */
export class Patience {
  readonly #execute: Execute
  /** Haste would have accused this system wrongly. */
  #needed = false
  #fruitless = 0

  constructor(execute: Execute) {
    this.#execute = execute
  }

  /**
   * Runs a scenario, and again with patience where haste may have spoilt its verdicts. `patient` given: as that says.
   */
  readonly run: Execute = async (scenario, options = {}) => {
    if (options.patient !== undefined) return this.#execute(scenario, options)
    const executed = await this.#execute(scenario, { ...options, patient: this.#needed })
    if (executed.patient) return executed
    if (executed.violations.length > 0) return executed.circled ? this.#beforeAccusing(executed, options) : executed
    return isUndecided(executed) && this.#fruitless < mostFruitless ? this.#longer(executed, options) : executed
  }

  async #beforeAccusing(hasty: Executed, options: Parameters<Execute>[1]): Promise<Executed> {
    const executed = await this.#again(hasty, options)
    if (executed.violations.length < hasty.violations.length) this.#needed = true
    return executed
  }

  async #longer(hasty: Executed, options: Parameters<Execute>[1]): Promise<Executed> {
    const executed = await this.#again(hasty, options)
    if (!isUndecided(executed)) this.#fruitless = 0
    else if (isCut(executed))
      this.#fruitless = mostFruitless // the dearest of all runs: more of them say no more
    else this.#fruitless += 1
    return executed
  }

  /** The faults that fired, and no others that a longer history might draw. */
  #again({ scenario, fired, late }: Executed, options: Parameters<Execute>[1]): Promise<Executed> {
    return this.#execute({ ...scenario, plan: listed(fired, late) }, { ...options, patient: true })
  }
}

/** Whether it took the most steps that there are. */
function isCut({ history }: Executed): boolean {
  const end = history.events.at(-1)
  return end?.kind === 'end' && end.reason === 'maxSteps'
}

/** Whether it ended at a bound while something was missing. */
export function isUndecided({ verdicts }: Executed): boolean {
  return verdicts.some(({ reasons }) => reasons.some(({ kind }) => kind === 'undecided'))
}
