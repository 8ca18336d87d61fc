import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bootAddress } from '../../src/scenario/address.ts'
import type { FailureClass, Reason } from '../../src/verdict/reason.ts'
import type { Counterexample } from '../../src/verdict/counterexample.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { formatFailure, type Failure } from '../../src/report/format-failure.ts'
import { storyOf } from '../../src/report/story-of.ts'
import { widthOf } from '../../src/report/ink.ts'
import { stepOf } from '../address-of.ts'
import { anyCharacter } from '../arbitraries.ts'
import {
  call,
  counterexample,
  crashBeforeRemembering,
  explored,
  folded,
  naiveDoubleCharge,
  noisy,
  order,
  paying,
  Pen,
  reply,
  twoBuyers,
} from './histories.ts'

function failure(found: Counterexample, more: Partial<Failure> = {}): Failure {
  return {
    test: 'an order is charged and recorded once',
    file: 'checkout.test.ts:16',
    counterexample: found,
    explored,
    folded,
    replay: "npx vitest run checkout.test.ts -t '^an order is charged and recorded once$'",
    saved: '__counterexamples__/an-order.json',
    ...more,
  }
}

function lines(text: string): readonly string[] {
  return text.split('\n')
}

const escapes = new RegExp(String.raw`${String.fromCharCode(27)}\[\d+m`, 'g')

describe('the report of a failure', () => {
  it.each([
    ['naive-double-charge', naiveDoubleCharge],
    ['crash-before-remembering', crashBeforeRemembering],
    ['two-buyers', twoBuyers],
    ['noisy', noisy],
  ] as const)('tells %s in at most 40 lines of 100 columns', async (name, make) => {
    const text = formatFailure(failure(make()))
    expect(Math.max(...lines(text).map(widthOf))).toBeLessThanOrEqual(100)
    expect(lines(text).length).toBeLessThanOrEqual(40)
    await expect(`${text}\n`).toMatchFileSnapshot(`golden/${name}.txt`)
  })

  it('shows aliases instead of raw values, and no JSON', () => {
    const text = formatFailure(failure(naiveDoubleCharge()))

    expect(text).not.toContain(order)
    expect(text).not.toMatch(/[{}]/)
  })

  it('points at the effect that is one too many, and at no other', () => {
    const marked = lines(formatFailure(failure(naiveDoubleCharge()))).filter((line) => line.includes('<- one too many'))

    expect(marked).toHaveLength(1)
    expect(marked[0]).toMatch(/^ {2}5\.040 .*\* charge order#0 {2}\(2\)/)
  })

  it('writes the fault beside the arrow it hit', () => {
    const hit = lines(formatFailure(failure(naiveDoubleCharge()))).find((line) => line.includes('reply lost'))

    expect(hit).toMatch(/^ {2}0\.060 {2}\| +x-+ 201 --\|/)
  })

  it('says the same in colour', () => {
    const found = failure(naiveDoubleCharge())
    const coloured = formatFailure(found, { colour: true })

    expect(coloured).toMatch(escapes)
    expect(coloured.replace(escapes, '').replace(/ +$/gm, '')).toBe(formatFailure(found))
  })

  it('names the only client that is left', () => {
    expect(formatFailure(failure(noisy()))).toMatch(/seconds {2}client 0 +shop/)
  })

  it('counts what it leaves out, and names the operations: a scenario that is shrunk needs each of them', () => {
    const story = formatFailure(failure(noisy()))
    expect(story).toContain('...  80 messages, 20 reads, 20 changes of 20 operations (pay) and 20 ticks')
    expect(story).not.toContain('unrelated')
  })

  it('calls operations unrelated where it is not shrunk', () => {
    const { history, scenario, violation } = noisy()
    const { reason } = violation
    expect(storyOf(history, scenario, { reason })).toContain('20 changes of 20 unrelated operations and 20 ticks')
  })

  it('shows both ends of a delayed message, and a timeout without a retry as unknown', () => {
    const text = formatFailure(failure(delayed()))

    expect(text).toMatch(/0\.000 {2}\|-- set item#0 \(n 1\) (\. )+ *\|.*request delayed by/)
    expect(text).toMatch(/6\.001 {2}\|(\. )+ *set item#0 -->\|/)
    expect(text).toContain('set item#0 unknown (timeout): it may have happened')
    expect(text).toContain("shop's clock is 60 s slow from its start")
  })

  it('shows a reply that a crash prevented in the row of the crash', () => {
    const text = formatFailure(failure(swallowed()))

    expect(text).toMatch(
      /0\.020 {2}\| +X crashes +<- here\n +\| +\| +shop crashes before it answers, restarts after 1 s/,
    )
    expect(text).not.toContain('201 --|')
  })

  it('shows each copy of a request as it arrives, and what it did', () => {
    const text = formatFailure(failure(duplicated()))

    expect(text).toMatch(/0\.000 {2}\|-- pay order#0 \(amount 1\) -+>\|.* duplicated, overlapping/)
    expect(text).toMatch(/0\.030 {2}\|(\. )+pay order#0 \(copy\) -->\|/)
    expect(text).toContain('stem from one request of pay order#0, delivered twice.')
  })

  it('says when nothing is left that could end an operation', () => {
    const pen = new Pen()
    const address = call('pay#0', 'client', 'shop', 'POST /orders')
    pen.boot('shop')
    const invoked = pen.events.length
    const attempt = pen.invoke('pay', 0, 0, { order })
    pen.at(20).arrive('shop', pen.send('client#0', address, attempt))
    const history = pen.history()
    const found = counterexample(history, paying(), [], {
      text: 'pay of client 0 never ended.',
      kind: 'pending',
      of: 'pay',
      events: [invoked, history.events.length - 1],
    })

    expect(formatFailure(failure(found))).toMatch(
      /pay of client 0 never ended[^]*0\.020 {2}nothing is left to happen, and one operation has not ended/,
    )
  })

  it('says what was not tried when shrinking ran out of time', () => {
    const text = formatFailure(failure({ ...naiveDoubleCharge(), necessity: [], unfinished: '80 % of the timeout' }))

    expect(text).toContain('Perhaps     lose the reply shop -> client of pay order#0, attempt 1; not tried without it')
    expect(text).toContain('Unfinished  shrinking stopped early (80 % of the timeout)')
  })

  it('reports other violations separately, and only a few', () => {
    const others = Array.from({ length: 8 }, (_, n): Reason => ({
      text: `Order ${order} is late (${n}).`,
      kind: 'custom',
      of: 'late',
      events: [],
    }))
    const text = formatFailure(failure(naiveDoubleCharge(), { alsoViolated: others }))

    expect(text).toContain('Also        Order order#0 is late (0).')
    expect(text).toContain('and 3 other violations')
    expect(text).not.toContain('(5)')
  })

  it('keeps generated control characters off the terminal', () => {
    const found = naiveDoubleCharge()
    const { reason } = found.violation
    const text = formatFailure(
      failure({ ...found, violation: { ...found.violation, reason: { ...reason, text: 'a\u001B[2Jb\u0007' } } }),
    )

    expect(text).not.toContain('\u001B')
    expect(text).toContain(String.raw`a\u001b[2Jb\u0007`)
  })

  it('fits a chain of nine nodes with a store each into the width', () => {
    const text = formatFailure(failure(chain(9)))

    expect(Math.max(...lines(text).map(widthOf))).toBeLessThanOrEqual(100)
    expect(text).toMatch(/seconds {2}client /)
  })

  it('stays within width and length for any history', () => {
    fc.assert(
      fc.property(anyStory, fc.integer({ min: 60, max: 160 }), (found, width) => {
        const text = formatFailure(failure(found, { replay: '', saved: '' }), { width })
        expect(Math.max(...lines(text).map(widthOf))).toBeLessThanOrEqual(width)
        expect(lines(text).length).toBeLessThan(150)
        expect(text).not.toMatch(/[^\P{Cc}\n]/u)
      }),
      { numRuns: 150, seed: 7 },
    )
  })
})

/** An older write arrives after a newer one. */
function delayed(): Counterexample {
  const pen = new Pen()
  const item = 'item-xyz'
  const invocations = [1, 2].map((n, id) => ({ id, operation: 'set', client: 0, afterMs: 0, input: { item, n } }))
  const [older, newer] = [0, 1].map((id) => call(`set#${id}`, 'client', 'shop', 'PUT /stock', { key: 'item#0' }))
  if (older === undefined || newer === undefined) throw new Error('Bug: two calls')
  const delay: Fault = { kind: 'delay', at: older, byMs: 5_981 }
  const skew: Fault = { kind: 'skew', at: bootAddress('shop'), byMs: -60_000 }
  const write = (id: number, request: number, address: typeof older): readonly [number, number] => {
    const update = pen.store(
      'shop',
      call(`set#${id}`, 'shop', 'sqlite', 'update stock', { under: address }),
      true,
      pen.arrive('shop', request),
    )
    return [update, pen.reply('shop', request, 200, update)]
  }
  pen.fault('shop', skew, pen.boot('shop'))
  const attempt = pen.invoke('set', 0, 0, { item, n: 1 })
  const first = pen.send('client#0', older, attempt)
  pen.fault('client#0', delay, first)
  pen.at(5_000).complete('info', 'set', 0, 0, attempt, 'timeout')
  const second = pen.send('client#0', newer, pen.invoke('set', 1, 0, { item, n: 2 }))
  const [, answer] = write(1, pen.at(5_020) && second, newer)
  const ok = pen.at(5_040).complete('ok', 'set', 1, 0, pen.arrive('client#0', answer))
  const [stale, late] = write(0, pen.at(6_001) && first, older)
  pen.at(6_021).arrive('client#0', late, true)
  return counterexample(pen.history(), { invocations }, [delay, skew], {
    text: `The write of 2 to ${item} was acknowledged at 5.040 s and overwritten by the older 1.`,
    kind: 'lost-update',
    subject: item,
    events: [ok, stale],
  })
}

/** The shop crashes between work and reply, so that the reply never leaves. */
function swallowed(): Counterexample {
  const pen = new Pen()
  const address = call('pay#0', 'client', 'shop', 'POST /orders', { key: 'order#0' })
  const crash: Fault = { kind: 'crash', at: reply(address), node: 'shop', restartAfterMs: 1_000 }
  pen.boot('shop')
  const request = pen.send('client#0', address, pen.invoke('pay', 0, 0, { order, amount: 1 }))
  const answer = pen.reply('shop', request, 201, pen.at(20).arrive('shop', request))
  pen.fault('shop', crash, answer)
  pen.write({ kind: 'crash', node: 'shop', cause: answer, incarnation: 1, why: 'fault' })
  pen.lost('client#0', answer, 'lost')
  return counterexample(pen.history(), paying(), [crash], { text: 'x', kind: 'custom', of: 'custom', events: [answer] })
}

/** Both copies of a request are served. The second copy has an arrival of its own, but no reply. */
function duplicated(): Counterexample {
  const pen = new Pen()
  const address = call('pay#0', 'client', 'shop', 'POST /orders', { key: 'order#0' })
  const twice: Fault = { kind: 'duplicate', at: address, after: 'request', gapMs: 10 }
  pen.boot('shop')
  const request = pen.send('client#0', address, pen.invoke('pay', 0, 0, { order, amount: 1 }))
  pen.fault('client#0', twice, request)
  const mails = [0, 1].map((copy) => {
    const arrived = pen.at(20 + copy * 10).arrive('shop', request)
    const under = {
      ...call('pay#0', 'shop', 'mail', 'POST /send'),
      path: [stepOf(`client -> shop POST /orders order#0 1${copy === 0 ? '' : '+1'}`)],
    }
    return pen.send('shop', under, arrived)
  })
  const made = mails.map((mail, copy) =>
    pen.at(40 + copy * 10).effect('mail', 'mail', { to: order }, pen.arrive('mail', mail)),
  )
  return counterexample(pen.history(), paying(), [twice], {
    text: 'Mailed twice.',
    kind: 'too-many',
    of: 'mail',
    subject: order,
    events: made.slice(1),
    against: made.slice(0, 1),
  })
}

/** Each node calls the next, and writes to a store of its own. */
function chain(length: number): Counterexample {
  const pen = new Pen()
  const written: number[] = []
  let parent = call('pay#0', 'client', 'service-0', 'POST /orders', { key: 'order#0' })
  let message = pen.send('client#0', parent, pen.invoke('pay', 0, 0, { order, amount: 1 }))
  for (let n = 0; n < length; n++) {
    const node = `service-${n}`
    const arrived = pen.at(20 * (n + 1)).arrive(node, message)
    const write = pen.store(
      node,
      call('pay#0', node, `${node}-store`, 'insert entries', { under: parent }),
      true,
      arrived,
    )
    pen.read('entry', { order }, write)
    written.push(write)
    const next = call('pay#0', node, `service-${n + 1}`, 'POST /entries', { key: 'order#0', under: parent })
    message = pen.send(node, next, write)
    parent = next
  }
  return counterexample(pen.history(), paying(), [], {
    text: 'Too many.',
    kind: 'too-many',
    of: 'entry',
    subject: order,
    events: written.slice(1),
    against: written.slice(0, 1),
  })
}

/** Histories of up to 300 random events: the report must not assume that a history makes sense. */
const anyStory: fc.Arbitrary<Counterexample> = fc
  .record({
    steps: fc.array(
      fc.record({
        what: fc.nat(11),
        node: fc.nat(8),
        to: fc.nat(8),
        key: fc.nat(3),
        back: fc.nat(20),
        waitMs: fc.constantFrom(0, 0, 20, 20, 5_000, 90_000_000),
        text: fc.oneof(
          fc.string({ unit: anyCharacter, maxLength: 60 }),
          fc.constantFrom('valueOf', '__proto__', 'constructor'),
        ),
      }),
      { maxLength: 300 },
    ),
    failure: fc.constantFrom<FailureClass>(
      { kind: 'too-many', of: 'charge' },
      { kind: 'missing', of: 'charge' },
      { kind: 'stale-read' },
    ),
    pointed: fc.array(fc.nat(300), { maxLength: 12 }),
  })
  .map(({ steps, failure, pointed }) => {
    const pen = new Pen()
    const faults: Fault[] = []
    for (const { what, node, to, key, back, waitMs, text } of steps) {
      pen.at(pen.nowMs + waitMs)
      const last = pen.events.length - 1 - back
      const from = node === 0 ? 'client' : `node-${node}.example`
      const address = call(`pay#${key}`, from, `node-${to}.example`, text === '' ? 'POST /x' : text, {
        key: `order#${key}`,
      })
      const here = node === 0 ? `client#${to % 2}` : from
      const sent = pen.events.findLast((event) => event.kind === 'send' && event.seq <= last)
      if (what <= 1) pen.send(here, address, last)
      else if (what === 2 && sent?.kind === 'send' && sent.request < 0) pen.reply(here, sent.seq, 200, last)
      else if (what === 3 && sent !== undefined) pen.arrive(here, sent.seq, back > 15)
      else if (what === 4 && sent !== undefined) pen.lost(here, sent.seq, back > 10 ? 'down' : 'lost')
      else if (what === 5) pen.store(from, { ...address, to: `store-${to}` }, back > 10, last)
      else if (what === 6) pen.effect(here, 'charge', { order: text }, last)
      else if (what === 7) pen.write({ kind: 'crash', node: from, cause: last, incarnation: 1, why: 'fault' })
      else if (what === 8) pen.boot(from, 2)
      else if (what === 9) pen.invoke('pay', key, to % 2, { order: text })
      else if (what === 10) pen.complete(back > 10 ? 'ok' : 'info', 'pay', key, to % 2, last, text)
      else {
        const fault: Fault = { kind: 'lose', at: back > 10 ? reply(address) : address }
        faults.push(fault)
        pen.notes.push({ event: pen.fault(from, fault, last), text })
      }
    }
    const events = pointed.filter((seq) => seq < pen.events.length)
    return counterexample(pen.history(), paying(), faults.slice(0, 3), {
      text: 'It is wrong.',
      ...failure,
      subject: order,
      events,
    })
  })
