// What is left after shrinking is the cause, all of it: the story draws each operation with its input, says what reads
// gave, and names the lines of code.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  assess,
  atLeastOnce,
  atMostOnce,
  eventually,
  formatAssessment,
  journal,
  map,
  op,
  port,
  rows,
  serve,
  store,
  type System,
} from '../../src/index.ts'
import { deliveries } from '../../src/queues.ts'

async function report(system: System): Promise<string> {
  const assessment = await assess(system, { seed: 1 })
  expect(assessment.kind).toBe('violated')
  return formatAssessment(assessment, { test: 'a test' })
}

const stock = new Map([['left', 5]])
const taken = new Map<string, number>()
const left = rows('left', () => [{ left: stock.get('left') ?? 0, taken: taken.size }])

/** Two that read one number before either writes it back lose an update. */
const lostUpdate: System = {
  nodes: {
    shop: serve(() => async (request) => {
      const id = await request.text()
      const found = stock.get('left') ?? 0
      await new Promise((resolve) => setTimeout(resolve, 10))
      stock.set('left', found - 1)
      taken.set(id, 1)
      return new Response()
    }),
  },
  stores: [map(stock, { name: 'stock' }), map(taken, { name: 'taken' })],
  operations: [op('take', fc.uuid(), (id) => fetch('http://shop/', { method: 'POST', body: id }))],
  tolerates: [],
  invariants: [eventually('each is counted', left, (all) => all.every((one) => one.left + one.taken === 5))],
}

test('both operations of a race are drawn, and what each of them read', async () => {
  const story = await report(lostUpdate)

  expect(story).toMatch(/-- take take#0 -+>\|/)
  expect(story).toMatch(/-- take take#1 -+>\|/)
  expect(story.match(/get stock left ?-+>\|.* gave 5/g)).toHaveLength(2)
  expect(story).toContain('left 4, taken 2') // every field, since the invariant may be about any
  expect(story).not.toContain('unrelated')
  expect(story).not.toContain('all faults are over') // there were none
})

const noted = journal<{ readonly what: string; readonly id: string }>('noted')

test('an operation that sends nothing is drawn with its input', async () => {
  const story = await report({
    nodes: { shop: serve(() => () => new Response()) },
    operations: [
      op('limit', fc.constantFrom(70, 90), (most) => noted.add({ what: 'limit', id: String(most) })),
      op('ping', fc.constant(null), () => fetch('http://shop/')),
    ],
    tolerates: [],
    clients: 1,
    invariants: [eventually('nothing is limited', noted, (all) => all.length === 0)],
  })

  expect(story).toMatch(/\. limit \(70\)/)
  expect(story).toMatch(/noted what limit, id 70/)
})

const asked = journal<{ readonly page: number }>('asked')
const pages = (send: (page: number) => Promise<Response>, together: boolean): System => ({
  nodes: {
    shop: serve(() => async (request) => {
      asked.add({ page: Number(await request.text()) })
      return new Response()
    }),
  },
  operations: [
    op('list', fc.constant(null), async () => {
      if (together) return (await Promise.all([send(1), send(2)]))[1]
      await send(1)
      return send(2)
    }),
  ],
  tolerates: [],
  invariants: [eventually('one page is enough', asked, (all) => all.length < 2)],
})
const post = (page: number): Promise<Response> => fetch('http://shop/pages', { method: 'POST', body: String(page) })

test.each([true, false])('two calls of one address are no retry, at once: %s', async (together) => {
  const story = await report(pages(post, together))

  expect(story).not.toContain('retry')
  expect(story.match(/-- list -+>\|/g)).toHaveLength(2)
})

test('a call that is tried again after it failed is a retry, and its line is named', async () => {
  const refused = journal<{ readonly n: number }>('refused')
  const story = await report({
    nodes: {
      shop: serve(() => () => {
        refused.add({ n: 1 })
        return new Response('no room', { status: 503 })
      }),
    },
    operations: [
      op('book', fc.constant(null), async () => {
        for (let tries = 0; tries < 2; tries++) {
          const answer = await fetch('http://shop/', { method: 'POST' })
          if (answer.ok || tries === 1) return answer
        }
        return undefined
      }),
    ],
    tolerates: [],
    invariants: [eventually('nothing is refused', refused, (all) => all.length < 2)],
  })

  expect(story).toMatch(/-- retry 1: book ->\| +sent again by whole-cause\.test\.ts:\d+\n/)
  expect(story).toMatch(/Code +test\/report\/whole-cause\.test\.ts:\d+ {2}retry of POST \//)
  expect(story).toContain('no room') // the body of the answer that was not ok
})

const charged = journal<{ readonly n: number }>('charged')

/** A shop that asks its bank twice, and the bank answers 503 the first time. */
const impatient = (bodyOf: (tries: number) => string): System => {
  let asked = 0
  return {
    nodes: {
      shop: serve(() => async () => {
        for (let tries = 1; ; tries++) {
          const answer = await fetch('http://bank/charges', { method: 'POST', body: bodyOf(tries) })
          if (answer.ok) return new Response()
          await new Promise((resolve) => setTimeout(resolve, 250))
        }
      }),
      bank: serve(() => {
        asked = 0
        return () => {
          charged.add({ n: 1 })
          return new Response(null, { status: ++asked === 1 ? 503 : 200 })
        }
      }),
    },
    operations: [op('pay', fc.constant(null), () => fetch('http://shop/', { method: 'POST' }))],
    clients: 1,
    tolerates: [],
    invariants: [eventually('one charge', charged, (all) => all.length < 2)],
  }
}

test("a node's second request says which line sent it, and after which wait", async () => {
  const story = await report(impatient(() => 'the same'))

  expect(story).toMatch(/POST \/charges -+>\| +sent again by whole-cause\.test\.ts:\d+\n.* after a wait of 250 ms\n/)
})

test('a request of other content is not sent again', async () => {
  expect(await report(impatient((tries) => `charge ${tries}`))).not.toContain('sent again')
})

test('what the retries of an operation send says so', async () => {
  const got = journal<{ readonly n: number }>('got')
  const story = await report({
    nodes: {
      shop: serve(() => () => {
        got.add({ n: 1 })
        return new Response(null, { status: 503 })
      }),
    },
    operations: [op('pay', fc.constant(null), () => fetch('http://shop/', { method: 'POST' }), { retries: 1 })],
    clients: 1,
    tolerates: [],
    invariants: [eventually('one request', got, (all) => all.length < 2)],
  })

  expect(story).toMatch(/-- retry 1: pay ->\| +sent again by op's retries\n/)
})

test("calls and effects of nodes have the user's line at the right edge, where there is room", async () => {
  const story = await report(impatient(() => 'the same'))

  expect(story).toMatch(/POST \/charges -+>\| +whole-cause\.test\.ts:\d+\n/)
  expect(story.match(/charged n 1 +whole-cause\.test\.ts:\d+\n/g)).toHaveLength(2)
  expect(story).not.toMatch(/-- pay -+>\|.*\.ts:/) // that line stands in the test itself
  expect(Math.max(...story.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
})

test('what a node prints stands at its time and in its column', async () => {
  const greeted = journal<{ readonly n: number }>('greeted')
  const story = await report({
    nodes: {
      shop: serve(() => async () => {
        console.log('looking up %s', 'stock')
        await new Promise((resolve) => setTimeout(resolve, 5))
        console.warn('none left')
        greeted.add({ n: 1 })
        return new Response()
      }),
    },
    operations: [op('ask', fc.constant(null), () => fetch('http://shop/'))],
    tolerates: [],
    clients: 1,
    invariants: [eventually('nobody is greeted', greeted, (all) => all.length === 0)],
  })

  expect(story).toMatch(/0\.020 {2}\| +\. console\.log: looking up/)
  expect(story).toMatch(/0\.025 {2}\| +\. console\.warn: none left\n.*\* greeted/)
})

test('a node that crashes just after it answers has answered', async () => {
  let memory: string[] = []
  const save = op('save', fc.uuid(), (id) => fetch('http://notes/', { method: 'POST', body: id }))
  const kept = rows('kept', () => memory)
  const story = await report({
    nodes: {
      notes: serve(() => {
        memory = [] // gone with the process
        return async (request) => {
          memory.push(await request.text())
          return new Response(null, { status: 202 })
        }
      }),
    },
    operations: [save],
    clients: 1,
    tolerates: ['crash'],
    invariants: [
      atLeastOnce(
        save.by((id) => id),
        kept.by((id) => id),
      ),
    ],
  })

  expect(story).toMatch(/<-+ 202 --\|/)
  expect(story).toContain('save ok')
  expect(story).toMatch(/crash notes just after it answers save/)
})

const seats = new Map<string, string>()
const sold = journal<{ readonly seat: string }>('sold')

test('each of two instances acts in a column of its own', async () => {
  const sell = op('sell', fc.constant({ seat: 'seat-number-one' }), (input) =>
    fetch('http://hall/', { method: 'POST', body: JSON.stringify(input) }),
  )
  const story = await report({
    nodes: {
      hall: serve(
        () => async (request) => {
          const { seat } = (await request.json()) as { seat: string }
          if (seats.has(seat)) return new Response(null, { status: 409 })
          await new Promise((resolve) => setTimeout(resolve, 5))
          seats.set(seat, 'sold')
          sold.add({ seat })
          return new Response()
        },
        { instances: 2 },
      ),
    },
    stores: [map(seats, { name: 'seats' })],
    operations: [sell],
    tolerates: [],
    invariants: [atMostOnce(sold.by(({ seat }) => seat))],
  })

  expect(story).toMatch(/seconds +client 0 +client 1 +hall #1 +hall #2 +seats\n/)
  expect(story.match(/sell seat#0 -+>\|/g)).toHaveLength(2)
  expect(story).not.toContain('goes to')
})

const jobs = new Map<string, { readonly state: string }>([
  ['x', { state: 'new' }],
  ['y', { state: 'new' }],
])
const worked = journal<{ readonly job: string }>('worked')

test('a story says which key was read and written, and what it gave: one value, or a list', async () => {
  const story = await report({
    nodes: {
      worker: serve(() => () => {
        const [first = ''] = jobs.keys()
        jobs.get(first)
        jobs.set(first, { state: 'done' })
        const states = [...jobs.values()].map(({ state }) => state)
        worked.add({ job: states.join() })
        return new Response()
      }),
    },
    stores: [map(jobs, { name: 'jobs' })],
    operations: [op('work', fc.constant(null), () => fetch('http://worker/'))],
    clients: 1,
    tolerates: [],
    invariants: [eventually('nothing is worked on', worked, (all) => all.length === 0)],
  })

  expect(story).toMatch(/-- keys jobs -+>\| +gave \[x, y\]\s/)
  expect(story).toMatch(/-- get jobs x -+>\| +gave state new\s/)
  expect(story).toMatch(/-- set jobs x -+>\* +wrote state done\s/)
  expect(story).toMatch(/-- values jobs -+>\| +gave \[\{state done\}, \{state new\}\]\s/)
})

const mails: string[] = []
const mailer = port('mailer', {
  async send(mail: { readonly to: string }) {
    mails.push(mail.to)
    return { accepted: mails.length }
  },
})
const mailed = journal<{ readonly to: string }>('mailed')

test("a call of a port's method is drawn with its arguments and its result", async () => {
  const story = await report({
    nodes: {
      shop: serve(() => async () => {
        await mailer.send({ to: 'ann' })
        mailed.add({ to: 'ann' })
        return new Response()
      }),
    },
    stores: [store('mails', { reset: () => (mails.length = 0) })],
    operations: [op('order', fc.constant(null), () => fetch('http://shop/'))],
    clients: 1,
    tolerates: [],
    invariants: [eventually('nothing is mailed', mailed, (all) => all.length === 0)],
  })

  expect(story).toMatch(/-- send\(\{to ann\}\) -+>\|/)
  expect(story).toMatch(/<-+ reply --\| +gave accepted 1\n/)
})

test('labels that tell operations apart stay where columns are narrow', async () => {
  const stages = ['first', 'second', 'third', 'fourth'].map((name) => `${name}-processing-stage`)
  const reached = journal<{ readonly id: string }>('reached')
  const onwards = (to: string | undefined) => async (request: Request) => {
    const id = await request.text()
    if (to === undefined) reached.add({ id })
    else await fetch(`http://${to}/with/a/long/path`, { method: 'POST', body: id })
    return new Response()
  }
  const story = await report({
    nodes: Object.fromEntries(stages.map((name, index) => [name, serve(() => onwards(stages[index + 1]))])),
    operations: [op('submit', fc.uuid(), (id) => fetch(`http://${stages[0]}/`, { method: 'POST', body: id }))],
    tolerates: [],
    invariants: [eventually('fewer than two', reached, (all) => all.length < 2)],
  })

  expect(story.match(/(?:submit|POST).*->.*submit#0/g)).toHaveLength(4) // on the arrow or beside it
  expect(story.match(/(?:submit|POST).*->.*submit#1/g)).toHaveLength(4)
})

test('two fields of one input with one value are told apart by their names', async () => {
  const queued = journal<{ readonly message: string }>('queued')
  const story = await report({
    nodes: { shop: serve(() => () => new Response()) },
    operations: [
      op('send', fc.constant({ order: 'the-same-value', message: 'the-same-value' }), (input) => {
        queued.add({ message: input.message })
        return fetch('http://shop/', { method: 'POST', body: JSON.stringify(input) })
      }),
    ],
    clients: 1,
    tolerates: [],
    invariants: [eventually('nothing is queued', queued, (all) => all.length === 0)],
  })

  expect(story).toContain('send order#0 (message#0 = order#0)')
  expect(story).toContain('queued message#0')
})

const waiting = new Map<string, string>()

test("a node's own loop is told once after each change, and then folded as the same again", async () => {
  const story = await report({
    nodes: {
      broker: serve(() => async (request) => {
        if (request.method === 'GET') return Response.json([...waiting.keys()])
        waiting.set(await request.text(), 'waiting')
        return new Response()
      }),
      worker: serve(() => {
        const look = async (): Promise<void> => {
          await fetch('http://broker/jobs')
          setTimeout(() => void look(), 1_000)
        }
        void look()
        return () => new Response()
      }),
    },
    stores: [map(waiting, { name: 'jobs' })],
    operations: [op('add', fc.uuid(), (id) => fetch('http://broker/jobs', { method: 'POST', body: id }))],
    clients: 1,
    tolerates: [],
    invariants: [
      eventually(
        'nothing waits',
        rows('waiting', () => [...waiting.keys()]),
        (all) => all.length === 0,
      ),
    ],
  })

  expect(story.match(/-- GET \/jobs -+>\|/g)).toHaveLength(2) // before the job came, and after that
  expect(story).toMatch(/keys jobs -+>\| +gave add#0\s/)
  expect(story).toMatch(/\.\.\. {2}\d+ messages, \d+ reads, the same again\n/)
  expect(story).not.toContain('unrelated')
})

test('what a provider delivers again says so', async () => {
  const handled = journal<{ readonly id: string }>('handled')
  const story = await report(
    deliveries(
      (event: { readonly id: string }) => {
        handled.add(event)
        throw new Error('not today')
      },
      fc.array(fc.record({ id: fc.uuid() })),
      { clients: 1, tolerates: [], invariants: [eventually('once', handled, (all) => all.length < 2)] },
    ),
  )

  expect(story).toMatch(/-- retry 1\b.*->\| +sent again by the provider\b/)
})

const leases = new Map<string, number>()

test('a time on the day of a history is written as one, and a silence that led to another try is told', async () => {
  const asked = journal<{ readonly id: string }>('asked')
  const story = await report({
    nodes: {
      shop: serve(() => async (request) => {
        leases.set('until', Date.now())
        asked.add({ id: await request.text() })
        await new Promise((resolve) => setTimeout(resolve, 3_500)) // answers too late
        return new Response()
      }),
    },
    stores: [map(leases, { name: 'leases' })],
    operations: [
      op('ask', fc.uuid(), async (id) => {
        for (let tries = 1; tries <= 2; tries++)
          await fetch('http://shop/', { method: 'POST', body: id, signal: AbortSignal.timeout(3_000) }).catch(() => 0)
      }),
    ],
    clients: 1,
    maxOperations: 1,
    tolerates: [],
    invariants: [eventually('once', asked, (all) => all.length < 2)],
  })

  expect(story).toMatch(/wrote 00:00:00\.020\s/)
  expect(story).toMatch(/sent again by whole-cause\.test\.ts:\d+\n.* after 3 s without an answer\n/)
})

test('an answer has aliases in place of values, also where it is cut', async () => {
  const id = '00000000-1111-2222-3333-444444444444-and-still-longer-than-that'
  const seen = journal<{ readonly id: string }>('seen')
  const story = await report({
    nodes: {
      shop: serve(() => () => {
        seen.add({ id })
        return Response.json({ id }, { status: 409 })
      }),
    },
    operations: [op('ask', fc.constant(id), (body) => fetch('http://shop/', { method: 'POST', body }))],
    clients: 1,
    maxOperations: 1,
    tolerates: [],
    invariants: [eventually('never', seen, (all) => all.length === 0)],
  })

  expect(story).toContain('ask failed (status 409): {"id":"ask#0"}')
})
