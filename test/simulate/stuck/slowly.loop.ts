// Run by stuck.test.ts in a vitest of its own.
import { testResilience } from '../../../src/vitest.ts'
import { shopThat } from './loops.ts'

testResilience('slowly', { numRuns: 1 }, shopThat('slowly'))
