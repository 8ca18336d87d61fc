// One suite for every transport of `fetch`: "a transport behaves as the platform does". The same client and the same
// handlers run over the transport and, outside of any simulation, over node:http on 127.0.0.1; what the client observes
// must be equal. No case here says what is right: the platform does. (Not compared: what Node adds by itself, such as
// `date` or `user-agent`; see `added`.)
import { describe, expect, test } from 'vitest'
import { abortCases } from './abort-cases.ts'
import { echo } from './observed.ts'
import { platformStage } from './platform.ts'
import { byQuery, redirectCases } from './redirect-cases.ts'
import { requestBodyCases } from './request-body-cases.ts'
import { requestCases } from './request-cases.ts'
import { requestObjectCases } from './request-object-cases.ts'
import { responseBodyCases } from './response-body-cases.ts'
import { responseCases } from './response-cases.ts'
import type { ExchangeCase, Scene, SceneStage } from './scene.ts'

/**
 * Declares vitest tests that hold a transport of `fetch` against the platform: each scene is carried out over the
 * transport and over sockets, and its client must observe the same.
 *
 * @param stage carries out a scene over the transport, with servers at `http://shop` and `http://bank`
 * @example
 * transportConformance('fetch from a client to a node', async ({ client, shop, bank }) => {
 *   const nodes = { shop: serve(() => shop), bank: serve(() => bank) }
 *   return (await rehearse({ nodes }, () => client({ shop: 'http://shop', bank: 'http://bank' }))).seen
 * })
 */
export function transportConformance(name: string, stage: SceneStage): void {
  describe(`${name}, as the platform`, () => {
    const real = platformStage()
    for (const [title, client, shop = echo] of cases) {
      test.skipIf(mended(title))(title, async () => {
        const scene: Scene = { client, shop, bank: byQuery }
        if (!byPlatform.has(title)) byPlatform.set(title, await real(scene))
        const expected = byPlatform.get(title)
        expect(expected, 'the case itself observes nothing').toBeDefined()
        expect(await stage(scene)).toEqual(expected)
      })
    }
  })
}

/** What the platform did, by case: it does the same for every transport in one file. */
const byPlatform = new Map<string, unknown>()

/**
 * What Node 22's undici does wrong, and later ones mended. A history has the same bytes on every Node, so the mended
 * way is simulated on all of them, and here there is nothing to compare with: bytes without a type cannot be sent again
 * after a redirect; an abort after a whole reply leaves the body unread.
 */
function mended(title: string): boolean {
  return (
    Number.parseInt(process.versions.node) < 24 &&
    (/^redirect: 30[1278] of bytes$/.test(title) ||
      [
        'abort: after a whole reply, before the body is read',
        'abort: after a whole reply; the body is read twice, and looked at',
      ].includes(title))
  )
}

const group = (name: string, members: readonly ExchangeCase[]): readonly ExchangeCase[] =>
  members.map(([title, ...rest]) => [`${name}: ${title}`, ...rest])

const cases: readonly ExchangeCase[] = [
  ...group('request', requestCases),
  ...group('request body', requestBodyCases),
  ...group('Request object', requestObjectCases),
  ...group('response', [...responseCases, ...responseBodyCases]),
  ...group('redirect', redirectCases),
  ...group('abort', abortCases),
]
