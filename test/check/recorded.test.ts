// The recorded histories: every verdict is the same as porcupine's.
import { beforeEach, describe, expect, test } from 'vitest'
import { linearizable } from '../../src/check/linearizable/linearizable.ts'
import { sequential } from '../../src/check/linearizable/sequential.ts'
import { recorded, recordedIn } from './recorded.ts'

const logs = recorded()

describe('recorded histories', () => {
  beforeEach(({ skip }) => skip(logs.length === 0, `${recordedIn} does not exist`))

  test('are 39, as the manifest says', () => {
    expect(logs).toHaveLength(39)
  })

  test.each(logs)('$file', ({ model, history, expected }) => {
    const verdict = linearizable(model).check(history)

    expect(verdict.kind).toBe(expected ? 'holds' : 'violated')

    if (expected) return

    expect(verdict.reasons[0]?.text).toMatch(
      /^\w+ .*by client \d+.* \(\d+\.\d+ s to \d+\.\d+ s\), but the (register|value) was .+ then.*These contradict each other, whatever became of the others; without any one of them/,
    )
    expect(verdict.reasons[0]?.events.length).toBeLessThanOrEqual(16)
  })

  test('a linearizable history is sequential', () => {
    for (const { model, history, expected, file } of logs)
      if (expected) expect(sequential(model).check(history).kind, file).toBe('holds')
  })
})
