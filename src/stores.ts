// The entry point 'two-generals/stores': stores that few need. Nothing in the core imports it.
export { d1, type D1, type D1DatabaseSession, type D1Options } from './store/d1/d1.ts'
export type { D1Prepared } from './store/d1/d1-prepared.ts'
export type { D1Result } from './store/d1/d1-engine.ts'
export { instrument, type InstrumentOptions } from './transport/instrument.ts'
