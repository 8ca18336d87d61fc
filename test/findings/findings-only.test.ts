// A system without invariants: nothing is judged, and what came to light is listed, each with what it needs.
import { readFileSync, writeFileSync } from 'node:fs'
import { http, HttpResponse } from 'msw'
import { describe, expect, test } from 'vitest'
import { findingsOnly, judgedBy, lookedAt, type FindingsOnly } from '../../src/findings/findings-only.ts'
import { formatFindings } from '../../src/findings/format-findings.ts'
import { stubEffects } from '../../src/findings/stub-effects.ts'
import { assessSaved } from '../../src/assess-saved.ts'
import { faultWords } from '../../src/scenario/fault/registry.ts'
import { open } from '../../src/simulation.ts'
import type { System } from '../../src/system/system.ts'
import { charging, naive, sound } from '../../examples/charge.ts'
import { amount } from '../full.ts'
import { act, node, pause, post } from '../simulate/systems.ts'

type Unjudged = Omit<System, 'invariants'>

async function found(system: Unjudged, numRuns = amount(60)): Promise<FindingsOnly> {
  const looked = lookedAt(system)
  const simulation = await open(looked.system)
  try {
    return await findingsOnly(simulation, looked, { numRuns, seed: 7 })
  } finally {
    await simulation.close()
  }
}

/** `asIfAlone: too-many POST /v1/charges after reply lost`. */
function listOf({ findings }: FindingsOnly): readonly string[] {
  return findings.map(({ lookout, failure, counterexample }) => {
    const { plan } = counterexample?.scenario ?? {}
    const needs = plan?.kind === 'listed' ? plan.faults.map(faultWords) : ['?']
    return `${lookout.invariant.name}: ${failure.kind} ${failure.of} after ${needs.join(', ') || 'nothing'}`
  })
}

function without(judged: System): Unjudged {
  const { invariants: _, ...system } = judged
  return system
}

const shop = (code: () => unknown): Unjudged => ({
  nodes: { shop: node(code) },
  operations: [post('go', 'http://shop/', { timeout: 5_000 })],
})

describe('without invariants', () => {
  test('a double charge is found, of which nobody has said a word, with its story; and its sound twin has nothing', async () => {
    const broken = await found(without(charging(naive)))

    expect(listOf(broken)).toEqual(['asIfAlone: too-many POST /v1/charges after reply lost'])
    expect(broken.assessment.kind).toBe('holds')
    const told = formatFindings(broken, { test: 'a shop', file: 'shop.test.ts:3' })
    expect(told).toMatch(/^\? findings only: a shop +shop\.test\.ts:3\n/)
    expect(told).toContain('Nothing was judged: the system has no invariants, so this test cannot fail. One thing came')
    expect(told).toContain('Needs       1 operation; lose the reply api.payments.example -> shop of POST /v1/charges')
    expect(told.replaceAll(/\s+/g, ' ')).toContain(
      "requests(name, 'POST https://api.payments.example/v1/charges', parse), by a key",
    )
    expect(told).toMatch(/Finding 1 as it happened:\nseconds +client/)
    expect(told).not.toMatch(/holds|^ok /m)

    const clean = await found(without(charging(sound)))
    expect(listOf(clean)).toEqual([])
    expect(formatFindings(clean, { test: 'a shop' })).toContain('Nothing came to light')
  })

  test('a process that ends by an error is found, with the error', async () => {
    const forgetful = async (): Promise<Response> => {
      void fetch('http://mail/').then((answer) => answer.json())
      return new Response()
    }
    const mail = { 'GET /': new Response('{}') }
    const careless = await found({
      nodes: { shop: node(forgetful), mail: node(() => mail) },
      operations: [post('go', 'http://shop/')],
      tolerates: ['lose', 'refuse'],
      faultsForMs: 400_000,
    })

    expect(listOf(careless)[0]).toMatch(/^no process ends by an error: custom shop after /)
    expect(careless.findings[0]?.reason.text).toMatch(/^A process of shop ended: unhandled rejection, /)
  })

  test('what hangs, and what stays open, is found', async () => {
    const hanging = await found({ ...shop(() => new Promise(() => undefined)), tolerates: [] }, 5).catch(String)
    expect(hanging).toMatchObject({ assessment: { kind: 'broken' } })

    let locked = false
    const waits = (): unknown => (locked ? new Promise(() => undefined) : undefined)
    const stuck = await found(
      {
        nodes: {
          shop: node(async () => {
            locked = false
            await fetch('http://bank/', { signal: AbortSignal.timeout(1_000) }).catch(() => (locked = true))
            await waits()
          }),
          bank: node(() => undefined),
        },
        operations: [act('go', () => fetch('http://shop/'))],
        tolerates: ['lose'],
      },
      5,
    )
    expect(listOf(stuck)[0]).toMatch(
      /^noHang: (pending go|unanswered shop|ended-by-platform go) after (request|reply) lost$/,
    )

    const leaking = await found({ ...shop(() => void setInterval(() => undefined, 1_000)), tolerates: [] }, 20)
    expect(listOf(leaking)).toEqual([expect.stringMatching(/^noLeftovers: .* after nothing$/)])
  })

  test('what is late and comes, as where somebody polls, is no finding', async () => {
    const patient = await found({ ...shop(() => pause(1_000)), tolerates: ['delay', 'lose'] })

    expect(listOf(patient)).toEqual([])
  })

  test('what was found counts as violated where its scenario is run for itself', async () => {
    const looked = lookedAt(without(charging(naive)))
    const simulation = await open(looked.system)
    try {
      const { findings } = await findingsOnly(simulation, looked, { numRuns: 5 })
      const [{ counterexample, failure } = { counterexample: undefined, failure: undefined }] = findings
      const saved = {
        path: 'x.json',
        test: { name: 'x', file: 'x.test.ts' },
        scenario: counterexample?.scenario,
        violated: { invariant: 'asIfAlone', ...failure },
      }
      const judged = await assessSaved(judgedBy(simulation, looked.lookouts), saved as never)
      expect(judged.kind).toBe('violated')
    } finally {
      await simulation.close()
    }
  })

  test('a wrong set-up is told as always', async () => {
    expect(() => lookedAt({ nodes: {} } as never)).toThrow('testResilience(): expected a system')
    const misspelt = { ...shop(() => undefined), invariant: [] }
    expect(() => lookedAt(misspelt)).toThrow('Did you mean "invariants"?')
    await expect(open({ ...shop(() => undefined), invariants: [] })).rejects.toThrow('testResilience, which needs none')
  })
})

test('docs/findings.md shows what is printed', { tags: ['full'] }, async () => {
  const document = new URL('../../docs/findings.md', import.meta.url)
  const told = formatFindings(await found(without(charging(naive)), 100), {
    test: 'the shop',
    file: 'checkout.test.ts:9',
  })
  const page = readFileSync(document, 'utf8')
  const shown = told.slice(0, told.indexOf('Finding 1 as it happened')).trim()
  const written = page.replace(/(```text\n)[^`]*(?:`[^`]+`[^`]*)*?(\n```\n)/, `$1${shown}$2`)
  if (process.env['UPDATE_README'] === '1') writeFileSync(document, written)
  expect(readFileSync(document, 'utf8')).toBe(written)
})

describe('the effects of stubs', () => {
  test('are what they are asked to change; two of one path have their hosts', () => {
    const answer = (): Response => HttpResponse.json({})
    const outside = [
      http.get('https://a.example/orders', answer),
      http.post('https://a.example/orders/:id', answer),
      http.post('https://a.example/charges', answer),
      http.post('https://b.example/charges', answer),
      http.delete('https://b.example/charges', answer),
      http.post('https://c.example/*', answer),
      http.post(/d\.example/, answer),
      http.all('https://e.example/', answer),
      http.post('/relative', answer),
    ]

    expect(stubEffects({ outside }).map(({ name }) => name)).toEqual([
      'POST /orders/:id',
      'POST https://a.example/charges',
      'POST https://b.example/charges',
      'DELETE /charges',
    ])
    expect(stubEffects({})).toEqual([])
  })
})
