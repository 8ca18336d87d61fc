// The one seam by which a running simulation lends its pen to `journal().add`. Set while a simulation is installed.

type EffectWriter = (effect: string, value: unknown) => void

let find: () => EffectWriter | undefined = () => undefined

/** Who writes effects for the code that is running now; undefined outside a simulation. */
export function currentJournal(): EffectWriter | undefined {
  return find()
}

/** Told once a worker, by whoever simulates. */
export function lendJournal(finder: () => EffectWriter | undefined): void {
  find = finder
}
