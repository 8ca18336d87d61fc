// Earlier versions named the send of a leg twice where the leg arrives or is lost: as its `cause`, and as its
// `message`. The recorded bytes of four golden scenarios show that nothing else has changed since then, and that
// readers still accept such files. A later change that moves golden histories on purpose moves these, too: what is left
// to show then is that the files can be read.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { historyBytes } from '../../src/history/history-bytes.ts'
import { readHistory } from '../../src/read/read-history.ts'
import { allScenarios } from '../bench/determinism-scenarios.ts'

const unmoved = ['conditional-update, up to 1 faults', 'last-ticket, up to 3 faults']
/** Plans draw from more values of faults since then, and after reads: these can still be read. */
const moved = ['shop, up to 3 faults', 'textbook-crash, up to 12 faults']

interface RecordedEvent {
  readonly kind?: string
  readonly cause?: number
  readonly message?: number
}

function recorded(name: string): string {
  const file = `${name.replaceAll(/[^a-z0-9]+/g, '-')}.jsonl`
  return readFileSync(join(import.meta.dirname, 'legs-named-twice', file), 'utf8').trimEnd()
}

function withoutMessage(line: string): string {
  const { message, ...event } = JSON.parse(line) as RecordedEvent
  const isLeg = event.kind === 'arrive' || event.kind === 'lost'
  expect(message).toBe(isLeg ? event.cause : undefined)
  return JSON.stringify(event)
}

describe.each([...unmoved, ...moved])('%s', (name) => {
  test.runIf(unmoved.includes(name))('has the bytes of before, but for the second name', async () => {
    const before = recorded(name).split('\n').map(withoutMessage).join('\n')
    const scenario = allScenarios().find((one) => one.name === name)

    expect(before.match(/"kind":"(arrive|lost)"/g)?.length).toBeGreaterThan(0)
    expect(await scenario?.bytes()).toBe(before)
  })

  test('is read as it would be written now', () => {
    const before = recorded(name).split('\n').map(withoutMessage).join('\n')

    expect(historyBytes(readHistory(recorded(name), { format: 'events' }))).toBe(before)
  })
})
