// The one seam by which a running simulation lends its pen to `journal().add`. Set while a simulation is installed.

type Write = (effect: string, value: unknown) => void

let find: () => Write | undefined = () => undefined

/** Who writes effects for the code that is running now; undefined outside a simulation. */
export function currentJournal(): Write | undefined {
  return find()
}

/** Told once a worker, by whoever simulates. */
export function lendJournal(finder: () => Write | undefined): void {
  find = finder
}
