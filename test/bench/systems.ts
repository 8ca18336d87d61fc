// The examples as benchmarks use them: the broken twins, each under the claim that breaks it, and the sound ones.
import type { System } from '../../src/index.ts'
import { charging, naive, sound, textbook } from '../../examples/charge.ts'
import { conditionalUpdate, readThenWrite, selling } from '../../examples/last-ticket.ts'
import { guessing, insisting } from '../../examples/save-order.ts'

/** Systems with a bug, by name. */
export const broken: Readonly<Record<string, System>> = {
  naive: charging(naive),
  textbook: charging(textbook),
  'textbook-crash': { ...charging(textbook), tolerates: ['crash'] },
  'textbook-duplicate': { ...charging(textbook), tolerates: ['duplicate'] },
  'last-ticket': selling(readThenWrite),
  guessing,
}

/** Systems without one. */
export const unbroken: Readonly<Record<string, System>> = {
  sound: charging(sound),
  'conditional-update': selling(conditionalUpdate),
  insisting,
}
