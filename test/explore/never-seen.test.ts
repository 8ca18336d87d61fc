// Effects that an invariant looks at and that no history had are named, with where to look.
import * as fc from 'fast-check'
import { http, HttpResponse } from 'msw'
import { expect, test } from 'vitest'
import { always } from '../../src/check/always.ts'
import { effect, journal, requests, rows, type Effect } from '../../src/history/effect.ts'
import { assess } from '../../src/property.ts'
import { map } from '../../src/store/map.ts'
import { op } from '../../src/system/operation.ts'
import { serve } from '../../src/transport/serve.ts'

const kept = new Map<string, number>()
const seen = journal<string>('seen')
const go = op('go', fc.uuid(), (id) => fetch('http://shop/', { method: 'POST', body: id }))

async function remarksOf(looked: Effect<never>): Promise<readonly string[]> {
  const found = await assess(
    {
      nodes: {
        shop: serve(() => async (request) => {
          seen.add(await request.text())
          kept.set('x', 1)
          await fetch('https://mail.example/v2/send', { method: 'POST' })
          return new Response()
        }),
      },
      outside: [http.post('https://mail.example/v2/send', () => HttpResponse.json({}))],
      stores: [map(kept)],
      operations: [go],
      invariants: [always('some', seen, () => true), always('fine', looked, () => true)],
      tolerates: [],
    },
    { numRuns: 3 },
  )
  return found.remarks.filter((remark) => remark.startsWith('No history had'))
}

const url = 'POST https://mail.example/v1/send'

test.each([
  [requests('mail', url, () => null), `"mail": no stub answered ${url} with 2xx. Is it the method and URL that`],
  [rows('row', () => []), '"row": its query gave no row at the end. Does it read what the handler writes'],
  [journal('note'), '"note": nothing was added to journal("note"). Does the code add to this very journal?'],
  [
    effect({ from: 'reads', name: 'shown', actor: 'sdk', key: Symbol('sdk'), view: () => [] }),
    '"shown": no client showed it. Does an operation of actor("sdk") run?',
  ],
])('%j is named', async (looked, words) => {
  expect(await remarksOf(looked as Effect<never>)).toEqual([expect.stringContaining(words)])
})

test.each([
  requests('mail', 'POST https://mail.example/v2/send', () => null),
  rows('row', () => [...kept.values()]),
  seen,
])('what was there is not: %j', async (looked) => {
  expect(await remarksOf(looked as Effect<never>)).toEqual([])
})
