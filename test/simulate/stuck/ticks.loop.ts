// Run by stuck.test.ts in a vitest of its own.
import { testResilience } from '../../../src/vitest.ts'
import { shopThat } from './loops.ts'

testResilience('ticks', { numRuns: 1 }, shopThat('ticks'))
