// The one place where a running simulation lets `journal().add` write into its history. Set once per worker.

type EffectWriter = (effect: string, value: unknown) => void

let find: () => EffectWriter | undefined = () => undefined

/** Writes effects of the code that is running now. Undefined outside a simulation. */
export function currentJournal(): EffectWriter | undefined {
  return find()
}

/** Called once per worker by the simulator. */
export function lendJournal(finder: () => EffectWriter | undefined): void {
  find = finder
}
