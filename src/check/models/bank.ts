// The model of a bank: money moves, and is never created. Knows acts only.
import type { Act } from '../../history/act.ts'
import type { Model } from '../../system/model.ts'
import { exactSum, negated, plainNumber, type Numeric } from '../exact-sum.ts'
import { mayAnswer, noSuchAct, numberIn, readable } from './read-act.ts'

/** Balances by account. */
export type Balances = Readonly<Record<string, number | bigint>>

/**
 * Accounts: `transfer` with the input `{ from, to, amount }` moves money, or returns `false` if there is too little;
 * `read` returns all balances.
 *
 * @param accounts the initial balances
 * @example
 * linearizable(bank({ alice: 100, bob: 0 }))
 */
export function bank(accounts: Balances): Model<Balances> {
  return {
    name: 'bank',
    initial: () => plainBalances(accounts) as Balances, // the cast holds: it maps balances to balances
    step(state, act) {
      switch (act.f) {
        case 'transfer':
          return transfer(state, act)
        case 'read':
          return readable({ ...act, output: plainBalances(act.output) }, state) ? state : undefined
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
  return {
    ...state,
    [from]: exactSum(balanceOf(state, from), negated(amount)),
    [to]: exactSum(balanceOf(state, to), amount),
  }
}

/** Balances in the model's form: a bigint only if a number could not hold it. */
function plainBalances(output: unknown): unknown {
  if (typeof output !== 'object' || output === null || Array.isArray(output)) return output
  return Object.fromEntries(Object.entries(output).map(([account, balance]) => [account, plainNumber(balance)]))
}

function balanceOf(state: Balances, account: string): Numeric {
  const balance = state[account]
  if (balance === undefined) throw new Error(`The bank has no account "${account}"; give bank(...) all accounts.`)
  return balance
}
