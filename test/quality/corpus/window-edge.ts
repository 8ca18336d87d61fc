// Three reset mails in half a minute at most (PHENOMENA 27, 31): counted in windows that begin on the half minute.
// Three at the end of one and three at the beginning of the next are six within seconds.
import * as fc from 'fast-check'
import { always, journal, map, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

const allowed = 3
const windowMs = 30_000

function system(sound: boolean): System {
  const sent = new Map<string, readonly number[]>()
  const mail = journal<number>('mail')
  const mailer = (): Response => {
    const now = Math.round(performance.now())
    const begin = sound ? now - windowMs : now - (now % windowMs) - 1
    const recent = (sent.get('ada') ?? []).filter((at) => at > begin)
    if (recent.length >= allowed) return answer(429)
    sent.set('ada', [...recent, now])
    mail.add(now)
    return answer(202)
  }
  const reset = op('reset', fc.constant(null), () => post('http://mailer/', null), { timeout: 2_000 })
  return {
    nodes: { mailer: serve(() => mailer) },
    stores: [map(sent, { name: 'sent' })],
    operations: [reset],
    invariants: [
      always('at most three in half a minute', mail, (all) =>
        all.every((at) => all.filter((other) => other <= at && other > at - windowMs).length <= allowed),
      ),
    ],
  }
}

export const windowEdge: Planted = {
  name: 'six mails around the edge of a window of half a minute',
  depth: 0,
  phenomena: [27, 31],
  system,
  smallest: scenarioOf([
    { operation: 'reset', input: null, afterMs: 29_000 },
    { operation: 'reset', input: null },
    { operation: 'reset', input: null },
    { operation: 'reset', input: null, afterMs: 1_000 },
  ]),
}
