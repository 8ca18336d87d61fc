// Set up before each file of a quick run, see test/full.ts: fewer random histories where a test does not say how many.
import * as fc from 'fast-check'

fc.configureGlobal({ numRuns: 30 })
