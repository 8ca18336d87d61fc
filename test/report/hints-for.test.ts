import { expect, it } from 'vitest'
import { hintsFor } from '../../src/report/hints-for.ts'
import { counterexample, crashBeforeRemembering, naiveDoubleCharge, paying, Pen, twoBuyers } from './histories.ts'

it('advises one key for two attempts of one operation', () => {
  expect(hintsFor(naiveDoubleCharge())).toEqual(['derive an Idempotency-Key from the order, the same for every try at api.stripe.com'])
})

it('advises to record the intent where a crash came between', () => {
  expect(hintsFor(crashBeforeRemembering())[0]).toBe('record the intent before acting (shop died after charge), or pass one key downstream')
})

it('advises an atomic step where operations overlap', () => {
  expect(hintsFor(twoBuyers())).toEqual(['make check and write one atomic step: transaction, unique key or conditional update'])
})

it('says nothing where nothing is known', () => {
  expect(hintsFor(counterexample(new Pen().history(), paying(), [], { text: 'x', class: 'custom', events: [] }))).toEqual([])
})
