// Each published package with a known bug beside a sound version of it, or a sound way of doing the same, and how small
// its counterexample is at most.
import type { System } from '../../src/index.ts'
import { authorized, charging, idempotent, listing, patientFetch, refreshed, scheduled } from './networked.ts'
import { broken, cached, cancelled, imported, locked, polled, rateLimited, type Load } from './systems.ts'

export interface Twins {
  readonly folder: string
  readonly buggy: (load: (name: string) => Load) => System
  readonly sound: (load: (name: string) => Load) => System
  /** The most that a counterexample may hold. */
  readonly operations: number
  readonly faults: number
}

type FlakeClass = new (options: { readonly id: number }) => { next(): Buffer }
type SnowflakeClass = new (options: { readonly mid: number; readonly offset: number }) => { generate(): unknown }

const snowflake = (load: Load) => () => {
  const ids = new (load() as SnowflakeClass)({ mid: 1, offset: 0 })
  return () => String(ids.generate())
}
const flake = (load: Load) => () => {
  const ids = new (load() as FlakeClass)({ id: 1 })
  return () => ids.next().toString('hex')
}

export const twins: readonly (readonly [claim: string, Twins])[] = [
  [
    'p-queue 8.1.1 starts two calls in one interval',
    {
      folder: 'p-queue-rate-cap',
      operations: 4,
      faults: 0,
      buggy: (load) => rateLimited(load('p-queue-buggy')),
      sound: (load) => rateLimited(load('p-queue-fixed')),
    },
  ],
  [
    'cacheable 1.8.3 loads one item twice at once',
    {
      folder: 'cacheable-wrap-stampede',
      operations: 2,
      faults: 0,
      buggy: (load) => cached(load('cacheable-buggy')),
      sound: (load) => cached(load('cacheable-fixed')),
    },
  ],
  [
    'async-lock 1.4.1 with maxExecutionTime has two holders',
    {
      folder: 'async-lock-expired-holder',
      operations: 2,
      faults: 1,
      buggy: (load) => locked(load('async-lock'), { maxExecutionTime: 1_000 }),
      sound: (load) => locked(load('async-lock'), {}),
    },
  ],
  [
    'p-retry 7.1.0 waits out its back-off after an abort',
    {
      folder: 'p-retry-abort-ignored',
      operations: 1,
      faults: 1,
      buggy: (load) => cancelled(load('p-retry-buggy')),
      sound: (load) => cancelled(load('p-retry-fixed')),
    },
  ],
  [
    'opossum 4.2.0 stays open for ever',
    {
      folder: 'opossum-open-forever',
      operations: 3,
      faults: 1,
      buggy: (load) => broken(load('opossum-buggy')),
      sound: (load) => broken(load('opossum-fixed')),
    },
  ],
  [
    'snowflake-id 1.1.0 repeats an id when the clock steps back',
    {
      folder: 'snowflake-id-duplicates',
      operations: 2,
      faults: 1,
      buggy: (load) => polled(snowflake(load('snowflake-id'))),
      sound: (load) => polled(flake(load('flake-idgen'))),
    },
  ],
  [
    'snowflake-id 1.1.0 repeats an id when it makes more than 4,096 in one millisecond',
    {
      folder: 'snowflake-id-duplicates',
      operations: 1,
      faults: 0,
      buggy: (load) => imported(snowflake(load('snowflake-id'))),
      sound: (load) => imported(flake(load('flake-idgen'))),
    },
  ],
  [
    'got 9.6.0 sends a POST again after its time limit',
    {
      folder: 'got-post-timeout-retry',
      operations: 1,
      faults: 1,
      buggy: (load) => charging(load('got-buggy')),
      sound: (load) => charging(load('got-fixed')),
    },
  ],
  [
    '@shopify/graphql-client 2.0.0 takes the seconds of Retry-After for milliseconds',
    {
      folder: 'shopify-retry-after-units',
      operations: 1,
      faults: 1,
      buggy: (load) => listing(load('@shopify/graphql-client')),
      sound: (load) => listing(load('@shopify/graphql-client'), patientFetch),
    },
  ],
  [
    'google-auth-library 1.3.2 refreshes a token for each that asks',
    {
      folder: 'google-auth-refresh-stampede',
      operations: 2,
      faults: 0,
      buggy: (load) => authorized(load('gal-buggy')),
      sound: (load) => authorized(load('gal-fixed')),
    },
  ],
  [
    'express-idempotency 1.0.6 lets two requests with one key through',
    {
      folder: 'express-idempotency-race',
      operations: 2,
      faults: 0,
      buggy: (load) => idempotent(load('express'), load('express-idempotency'), true),
      sound: (load) => idempotent(load('express'), load('express-idempotency'), false),
    },
  ],
  [
    'cache-manager 5.4.0 ends the process where a refresh in the background fails',
    {
      folder: 'cache-manager-refresh-crash',
      operations: 2,
      faults: 1,
      buggy: (load) => refreshed(load('cm-buggy')),
      sound: (load) => refreshed(load('cm-fixed')),
    },
  ],
  [
    'cron 1.1.1 runs a job twice where its timers are fast',
    {
      folder: 'cron-double-run',
      operations: 1,
      faults: 1,
      buggy: (load) => scheduled(load('cron-buggy')),
      sound: (load) => scheduled(load('cron-fixed')),
    },
  ],
]
