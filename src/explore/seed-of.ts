// The seed of a test, from which all its random choices are derived.
import { hashText } from '../plain/hash-text.ts'

/** @param variable the value of TWO_GENERALS_SEED, which has priority */
export function seedOf(variable: string | undefined, option: number | undefined, name: string): number {
  if (variable === 'random') return Math.floor(Math.random() * 0x7fffffff)
  if (variable !== undefined && variable !== '') {
    if (!/^-?\d+$/.test(variable))
      throw new Error(`TWO_GENERALS_SEED is "${variable}"; give a whole number, or "random".`)
    return Number(variable) | 0
  }
  return option ?? Number.parseInt(hashText(name).slice(-7), 16)
}
