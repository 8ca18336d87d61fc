import { expect, it } from 'vitest'
import { bootAddress } from '../../../src/scenario/address.ts'
import { describeFault, type Fault } from '../../../src/scenario/fault/registry.ts'
import { call, reply } from '../../report/histories.ts'

const pay = call('pay#0', 'client', 'shop', 'POST /orders', { key: 'order#0' })
const charge = call('pay#0', 'shop', 'api.stripe.com', 'POST /v1/charges', {
  key: 'order#0',
  under: { ...pay, nth: 2 },
})
const insert = call('pay#0', 'shop', 'sqlite', 'insert orders', { under: pay })

it.each<[Fault, string]>([
  [{ kind: 'lose', at: reply(pay) }, 'lose the reply shop -> client of pay order#0, attempt 1'],
  [
    { kind: 'lose', at: charge },
    'lose the request shop -> api.stripe.com of POST /v1/charges (pay order#0, attempt 2)',
  ],
  [
    { kind: 'lose', at: call('tick(shop#0, 3)', 'shop', 'bank', 'GET /x', { nth: 2 }) },
    'lose the request shop -> bank of GET /x no. 2 (tick(shop#0, 3))',
  ],
  [{ kind: 'delay', at: pay, byMs: 4_800 }, 'delay the request client -> shop of pay order#0, attempt 1, by 4.8 s'],
  [
    { kind: 'duplicate', at: pay, after: 'reply', gapMs: 10 },
    'deliver the request client -> shop of pay order#0, attempt 1, twice: the copy 10 ms after the reply to the first',
  ],
  [
    { kind: 'duplicate', at: pay, after: 'request', gapMs: 0 },
    'deliver the request client -> shop of pay order#0, attempt 1, twice: the copy together with the first ' +
      '(they overlap)',
  ],
  [
    { kind: 'error', at: reply(charge), status: 503 },
    'answer 503 after the work to the call shop -> api.stripe.com of POST /v1/charges (pay order#0, attempt 2)',
  ],
  [
    { kind: 'throttle', at: pay, retryAfterMs: 1_000 },
    'answer 429 (retry after 1 s) to the call client -> shop of pay order#0, attempt 1',
  ],
  [{ kind: 'refuse', at: pay }, 'refuse the call client -> shop of pay order#0, attempt 1'],
  [
    { kind: 'lookup', at: pay },
    'let the name of shop not be found for the call client -> shop of pay order#0, attempt 1',
  ],
  [
    { kind: 'lookup', at: pay, code: 'EAI_AGAIN' },
    'let the name of shop get no answer for the call client -> shop of pay order#0, attempt 1',
  ],
  [
    { kind: 'unreachable', at: pay },
    'let no connection come about for the call client -> shop of pay order#0, attempt 1',
  ],
  [
    { kind: 'close', at: pay },
    'close the kept connection just as it is used again, before the work of the call client -> shop of pay order#0, ' +
      'attempt 1',
  ],
  [
    { kind: 'trickle', at: reply(pay), overMs: 6_000 },
    'let the body of the reply shop -> client of pay order#0, attempt 1 trickle for 6 s',
  ],
  [
    { kind: 'latency', at: reply(pay), typicalMs: 20, tailMs: 20, bytesPerSecond: 20_000 },
    'client <-> shop carries 20000 bytes a second, from the reply shop -> client of pay order#0, attempt 1 on',
  ],
  [
    { kind: 'leave', at: charge },
    'let the client leave as the request shop -> api.stripe.com of POST /v1/charges (pay order#0, attempt 2) is sent',
  ],
  [
    { kind: 'leave', at: reply(pay) },
    'let the client leave in the middle of the reply shop -> client of pay order#0, attempt 1, after its head',
  ],
  [
    { kind: 'leave', at: reply(pay), afterPieces: 3 },
    'let the client leave in the middle of the reply shop -> client of pay order#0, attempt 1, 3 pieces after its head',
  ],
  [{ kind: 'hang', at: pay }, 'accept and never answer the call client -> shop of pay order#0, attempt 1'],
  [
    { kind: 'crash', at: reply(insert), node: 'shop', restartAfterMs: 1_000 },
    'crash shop right after insert orders in sqlite (pay, attempt 1), restart after 1 s',
  ],
  [
    { kind: 'crash', at: reply(pay), node: 'shop', restartAfterMs: 1_000 },
    'crash shop before it answers pay order#0, attempt 1, restart after 1 s',
  ],
  [
    { kind: 'jump', at: pay, node: 'shop', byMs: -10_000 },
    "set shop's clock 10 s back as pay order#0, attempt 1 arrives",
  ],
  [
    { kind: 'pause', at: reply(insert), node: 'shop', forMs: 3_000, replaced: 'no' },
    'pause shop right after insert orders in sqlite (pay, attempt 1), for 3 s',
  ],
  [
    { kind: 'pause', at: pay, node: 'shop', forMs: 10_000, replaced: 'yes' },
    'pause shop as pay order#0, attempt 1 arrives, for 10 s; a new incarnation takes its place',
  ],
  [
    { kind: 'deploy', at: reply(pay), node: 'shop', graceMs: 30_000 },
    'deploy shop just after it answers pay order#0, attempt 1: a new process takes its place, the old one gets SIGTERM ' +
      'and is killed 30 s later',
  ],
  [
    { kind: 'deploy', at: pay, node: 'shop', graceMs: 30_000, stillRoutedMs: 1_000 },
    'deploy shop as pay order#0, attempt 1 arrives: a new process takes its place, the old one gets SIGTERM and is ' +
      'killed 30 s later; new requests go to it for 1 s more',
  ],
  [{ kind: 'drift', at: bootAddress('shop'), ppm: -100 }, "shop's timers run 100 ppm slow until healing"],
  [{ kind: 'skew', at: bootAddress('shop'), byMs: 60_000 }, "shop's clock is 60 s fast from its start"],
  [
    { kind: 'reset', at: pay },
    'reset the connection before the work of the call client -> shop of pay order#0, attempt 1',
  ],
  [
    { kind: 'reset', at: reply(pay), atByte: 4 },
    'break off the body of the reply shop -> client of pay order#0, attempt 1 at byte 4',
  ],
  [
    { kind: 'garble', at: reply(pay), body: 'truncated' },
    'deliver half of the body of the reply shop -> client of pay order#0, attempt 1',
  ],
  [
    { kind: 'garble', at: reply(pay), body: 'html' },
    "deliver a proxy's HTML page in place of the reply shop -> client of pay order#0, attempt 1",
  ],
  [
    { kind: 'partition', at: reply(pay), side: ['shop'], way: 'both' },
    'shop cut off from all others, until healed, from the reply shop -> client of pay order#0, attempt 1 on',
  ],
  [
    { kind: 'slow', at: pay, byMs: 5_000 },
    'shop answers 5 s later, from the request client -> shop of pay order#0, attempt 1 on',
  ],
  [
    { kind: 'latency', at: pay, typicalMs: 50, tailMs: 8_000, forMs: 9_000 },
    'client <-> shop takes 50 ms, at p99 8 s, for 9 s, from the request client -> shop of pay order#0, attempt 1 on',
  ],
])('says of a fault in words: %#', (fault, words) => {
  expect(describeFault(fault)).toBe(words)
})
