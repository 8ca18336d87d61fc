// A token that is valid for an hour (PHENOMENA 31, 36): the shop asks for one when it has none and keeps it for ever.
// After an hour it is refused for what its own user did nothing wrong about.
import * as fc from 'fast-check'
import { always, journal, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

const validMs = 3_600_000

function system(sound: boolean): System {
  const told = journal<number>('told')
  const boot = () => {
    let token: number | undefined
    const renew = async (): Promise<void> => {
      const given = await post('http://api/token', null, { signal: AbortSignal.timeout(2_000) })
      token = given.ok ? Number(await given.json()) : undefined
    }
    return async (): Promise<Response> => {
      const use = () => post('http://api/', token ?? -1, { signal: AbortSignal.timeout(2_000) })
      if (token === undefined) await renew().catch(() => undefined)
      if (token === undefined) return answer(503)
      let used = await use().catch(() => undefined)
      if (sound && used?.status === 401) {
        await renew().catch(() => undefined)
        used = await use().catch(() => undefined)
      }
      const status = used === undefined || (sound && used.status === 401) ? 503 : used.status
      told.add(status)
      return answer(status)
    }
  }
  const bootApi =
    () =>
    async (request: Request): Promise<Response> => {
      if (new URL(request.url).pathname === '/token') return Response.json(Math.round(performance.now()))
      const token = (await request.json()) as number
      return answer(token >= 0 && performance.now() - token < validMs ? 200 : 401)
    }
  const use = op('use', fc.constant(null), () => post('http://shop/', null), { timeout: 15_000 })
  return {
    nodes: { shop: serve(boot), api: serve(bootApi) },
    operations: [use],
    invariants: [always('nobody is told 401', told, (all) => !all.includes(401))],
  }
}

export const hourOldToken: Planted = {
  name: 'a token of an hour is used for longer',
  depth: 0,
  phenomena: [31, 36],
  system,
  smallest: scenarioOf([
    { operation: 'use', input: null },
    { operation: 'use', input: null, afterMs: 3_700_000 },
  ]),
}
