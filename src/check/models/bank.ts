// The bank: money moves, and is never made. Knows acts only.
import type { Act } from '../../history/act.ts'
import type { Model } from '../../system/model.ts'
import { mayAnswer, noSuchAct, numberIn, readable } from './read-act.ts'

/** Balances by account. */
export type Balances = Readonly<Record<string, number>>

/**
 * Accounts: `transfer` with the input `{ from, to, amount }` moves money, or says `false` where there is too little;
 * `read` returns all balances.
 *
 * @param accounts the balances at first
 * @example
 * linearizable(bank({ alice: 100, bob: 0 }))
 */
export function bank(accounts: Balances): Model<Balances> {
  return {
    name: 'bank',
    initial: () => accounts,
    step(state, act) {
      switch (act.f) {
        case 'transfer':
          return transfer(state, act)
        case 'read':
          return readable(act, state) ? state : undefined
        default:
          throw noSuchAct('bank', act, ['transfer', 'read'])
      }
    },
    readOnly: ({ f }) => f === 'read',
  }
}

function transfer(state: Balances, act: Act): Balances | undefined {
  const {
    from,
    to,
    amount: asked,
  } = act.input as { readonly from: string; readonly to: string; readonly amount: unknown } // by convention
  const amount = numberIn('bank', act, asked)
  const isCovered = balanceOf(state, from) >= amount
  if (!mayAnswer(act, isCovered)) return undefined
  if (!isCovered || from === to) return state
  return { ...state, [from]: balanceOf(state, from) - amount, [to]: balanceOf(state, to) + amount }
}

function balanceOf(state: Balances, account: string): number {
  const balance = state[account]
  if (balance === undefined) throw new Error(`The bank has no account "${account}"; give bank(...) all accounts.`)
  return balance
}
