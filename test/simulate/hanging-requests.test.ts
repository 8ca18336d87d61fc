// Requests that nobody will ever answer, as the end of a history names them and noHang judges them; and those that only
// look so.
import { describe, expect, test } from 'vitest'
import { noHang } from '../../src/check/no-hang.ts'
import { check } from '../../src/check/check.ts'
import type { History } from '../../src/history/history.ts'
import type { System } from '../../src/system/system.ts'
import { serve } from '../../src/transport/serve.ts'
import { act, eventsOf, node, pause, post, under } from './systems.ts'

const never = (): Promise<never> => new Promise(() => undefined)
const ask = (): Promise<Response> => fetch('http://bank/', { method: 'POST' })
/** Another call than {@link ask}, so that a fault of one is no fault of the other. */
const put = (): Promise<Response> => fetch('http://shop/work', { method: 'PUT' })

function system(parts: Partial<System>): System {
  return {
    nodes: { shop: node(() => undefined), bank: node(() => undefined) },
    operations: [post('go', 'http://shop/')],
    invariants: [noHang()],
    ...parts,
  }
}

function verdictOn(history: History): readonly string[] {
  return check(history, [noHang()]).flatMap(({ kind, reasons }) => [kind, ...reasons.map((reason) => reason.kind)])
}

/** Where the requests arrived that are never answered. */
function unansweredIn(history: History): readonly string[] {
  const [end] = eventsOf(history, 'end')
  return (end?.unanswered ?? []).map((arrival) => history.events[arrival]?.node ?? 'nowhere')
}

describe('a request is never answered', () => {
  test('by a handler that hangs on a perfect network: the platform ends its operation', async () => {
    const history = await under(system({ nodes: { shop: node(never) } }))

    expect(unansweredIn(history)).toEqual(['shop'])
    expect(verdictOn(history)).toEqual(['violated', 'ended-by-platform', 'unanswered'])
  })

  test('by a handler that hangs after its client has left', async () => {
    const impatient = post('go', 'http://shop/', { timeout: 1_000 })
    const history = await under(system({ nodes: { shop: node(never) }, operations: [impatient] }))

    expect(verdictOn(history)).toEqual(['violated', 'unanswered'])
  })

  test('by a handler that swallows the failure of its own call', async () => {
    const shop = node(() => ask().catch(never))
    const nodes = { shop, bank: node(() => undefined) }
    const history = await under(system({ nodes, operations: [act('go', put)] }), 'reset request of POST /')

    expect(unansweredIn(history)).toEqual(['shop'])
    expect(verdictOn(history)).toEqual(['violated', 'unanswered'])
  })

  test('by a node that goes on polling', async () => {
    const shop = serve(() => {
      setInterval(() => void ask(), 1_000)
      return never
    })
    const operations = [post('go', 'http://shop/', { timeout: 500 })]
    const history = await under(system({ nodes: { shop, bank: node(() => undefined) }, operations }))

    expect(unansweredIn(history)).toEqual(['shop'])
  })

  test('where two nodes wait for each other, though the limit of 300 s sets both free in the end', async () => {
    const lock = (other: string): System['nodes'][string] =>
      serve(() => {
        let free: Promise<unknown> = Promise.resolve()
        return ({ url }) => {
          const mine = free.then(() => (url.endsWith('/first') ? fetch(`http://${other}/second`) : undefined))
          free = mine.catch(() => undefined)
          return mine.then(
            () => new Response('done'),
            () => new Response(null, { status: 502 }),
          )
        }
      })
    const operations = [act('go', () => Promise.all([fetch('http://a/first'), fetch('http://b/first')]))]
    const history = await under(system({ nodes: { a: lock('b'), b: lock('a') }, operations }))

    expect(unansweredIn(history)).toEqual([])
    expect(verdictOn(history)).toEqual(['violated', 'ended-by-platform'])
  })
})

describe('nothing hangs', () => {
  test.each([
    'lose request',
    'lose reply',
    'hang request',
    'crash shop on request',
    'crash shop on reply',
    'pause shop on request',
  ])('where the network or a crash is to blame: %s', async (fault) => {
    const history = await under(system({}), `${fault} of POST /`)

    expect(verdictOn(history)).toEqual(['holds'])
  })

  test('where a handler waits for a call whose reply was lost, until the limit of 300 s', async () => {
    const shop = node(() => ask().catch(() => undefined))
    const nodes = { shop, bank: node(() => undefined) }
    const operations = [act('go', put)]

    expect(verdictOn(await under(system({ nodes, operations }), 'lose reply of POST /'))).toEqual(['holds'])
  })

  test('where a crash took a handler that waited', async () => {
    const shop = node(() => ask().then(never))
    const nodes = { shop, bank: node(() => undefined) }
    const operations = [act('go', put, { timeout: 100 })]

    expect(verdictOn(await under(system({ nodes, operations }), 'crash shop on reply of POST /'))).toEqual(['holds'])
  })

  test('while long polls go round, each answered or given up', async () => {
    const bank = node(() => pause(20_000))
    const shop = serve(() => {
      void (async () => {
        for (;;) {
          await fetch('http://bank/news', { signal: AbortSignal.timeout(5_000) }).catch(() => undefined)
          await pause(1_000)
        }
      })()
      return () => new Response('done')
    })

    expect(verdictOn(await under(system({ nodes: { shop, bank } })))).toEqual(['holds'])
  })

  test('while waiting requests are answered all together every 20 s', async () => {
    const bank = serve(() => {
      const waiting: ((answer: Response) => void)[] = []
      setInterval(() => {
        for (const answer of waiting.splice(0)) answer(new Response(null, { status: 204 }))
      }, 20_000)
      return () => new Promise<Response>((resolve) => waiting.push(resolve))
    })
    const shop = serve(() => {
      setInterval(() => void fetch('http://bank/news'), 3_000)
      return () => new Response('done')
    })

    expect(verdictOn(await under(system({ nodes: { shop, bank } })))).toEqual(['holds'])
  })

  test('in a stream of events that its client stops reading', async () => {
    const shop = serve(() => () => {
      let timer: NodeJS.Timeout | undefined
      const events = new ReadableStream<Uint8Array>({
        start(controller) {
          timer = setInterval(() => controller.enqueue(new TextEncoder().encode('data: 1\n\n')), 1_000)
        },
        cancel() {
          clearInterval(timer)
        },
      })
      return new Response(events, { headers: { 'content-type': 'text/event-stream' } })
    })
    const read = act('go', async () => {
      const reader = (await fetch('http://shop/')).body?.getReader()
      await reader?.read()
      await reader?.cancel()
    })

    expect(verdictOn(await under(system({ nodes: { shop }, operations: [read] })))).toEqual(['holds'])
  })

  test('in a handler that waits for its client to leave', async () => {
    const shop = serve(() => (request) => {
      return new Promise<Response>((resolve) => {
        request.signal.addEventListener('abort', () => resolve(new Response()))
      })
    })
    const operations = [post('go', 'http://shop/', { timeout: 1_000 })]

    expect(verdictOn(await under(system({ nodes: { shop }, operations })))).toEqual(['holds'])
  })
})
