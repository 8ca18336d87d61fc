// Bandwidth is infinite (PHENOMENA 30): a shop on Express asks for a list with axios, and waits two seconds at most. In
// the broken shop that is axios' `timeout`, which counts silence: an answer that trickles never lets it end. In the
// sound one a signal counts the whole call, until the last byte.
import axios from 'axios'
import express, { type Express } from 'express'
import * as fc from 'fast-check'
import { boundedCall, op, serve, type System } from 'two-generals'

/** What limits a call of axios. */
type Limit = () => { readonly timeout?: number; readonly signal?: AbortSignal }

/** Two seconds of silence. */
export const ofSilence: Limit = () => ({ timeout: 2_000 })

/** Two seconds in all. */
export const ofTheWhole: Limit = () => ({ signal: AbortSignal.timeout(2_000) })

function createShop(limit: Limit): Express {
  return express().get('/', async (_, response) => {
    try {
      const { data } = await axios.get<string>('http://stock/list', limit())
      response.send(data)
    } catch {
      response.send('ask again later')
    }
  })
}

function createStock(): Express {
  return express().get('/list', (_, response) => void response.send('apples, pears, quinces'))
}

const browse = op('browse', fc.constant(null), () => fetch('http://shop/'))

/** A shop and its stock, to which the network may be bad. */
export function browsing(limit: Limit): System {
  return {
    nodes: { shop: serve(() => createShop(limit)), stock: serve(() => createStock()) },
    operations: [browse],
    invariants: [boundedCall(5_000)],
    tolerates: { 'shop -> stock': ['trickle', 'lose', 'hang', 'slow', 'reset', 'refuse', 'unreachable'] },
  }
}
