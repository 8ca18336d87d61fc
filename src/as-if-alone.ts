// The entry point 'two-generals/as-if-alone': an invariant that needs neither keys nor a model. Nothing in the core
// imports it.
export { asIfAlone, type AsIfAloneOptions } from './alone/as-if-alone-invariant.ts'
