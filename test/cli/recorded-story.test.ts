// The story of a recorded history: every mark, what is chosen where there is no room, and that it keeps to the page.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Reason } from '../../src/verdict/reason.ts'
import { widthOf } from '../../src/report/ink.ts'
import { recordedStory } from '../../src/cli/recorded-story.ts'
import { answers, ends, historyOf, invoke, type Line } from '../check/build-history.ts'

const because = (...events: readonly number[]): Reason => ({
  text: 'it is wrong.',
  kind: 'custom',
  of: 'wrong',
  events,
})

test('every way to end has its mark, intervals run down their columns', () => {
  const history = historyOf(
    invoke(0, 'cas', 0, [1, 2], 0),
    invoke(1, 'read', 1, undefined, 1),
    invoke(2, 'write', 2, 'a\nb', 2),
    invoke(3, 'add', 3, 5, 3),
    ends(4, 'fail', 0, 'status 409'),
    answers(5, 1, { x: null }),
    ends(6, 'info', 2, 'timeout'),
    invoke(1_200, 'read', 4, undefined, 0),
    ends(1_201, 'ok', 4),
  )

  expect(recordedStory(history, because(0, 2, 3, 5, 8))).toBe(
    `seconds  client 0           client 1      client 2           client 3
  0.000  [ cas [1,2]
  0.001  |                  [ read
  0.002  |                  |             [ write a\\u000ab
  0.003  |                  |             |                  [ add 5 (no end)
  0.004  x fail status 409  |             |                  |
  0.005                     ] {"x":null}  |                  |
  0.006                                   ? unknown timeout  |
  1.200  [ read                                              |
  1.201  ] null                                              |                 <- here`,
  )
})

test('what ran beside the named operations on their key is told too; what failed, ended before or began after is not', () => {
  const history = historyOf(
    invoke(0, 'write', 0, 0, 5),
    ends(1, 'ok', 0), // over before
    invoke(2, 'write', 1, 1, 0),
    invoke(3, 'write', 2, 2, 1),
    ends(4, 'fail', 2),
    invoke(5, 'write', 3, 3, 2),
    ends(6, 'ok', 3),
    ends(7, 'ok', 1),
    invoke(8, 'write', 4, 4, 3), // after
  )
  const story = recordedStory(history, because(2, 7))

  expect(
    story
      .split('\n')
      .slice(1)
      .map((line) => line.slice(9)),
  ).toEqual([
    '[ write 1',
    '|          [ write 3',
    '|          ] ok',
    '] ok                  <- here',
    '3 other operations are left out',
  ])
})

describe('room', () => {
  const many = historyOf(
    ...Array.from({ length: 40 }, (_, n): readonly Line[] => [
      invoke(n, 'write', n, 'x'.repeat(n), n % 20),
      ends(n, 'ok', n),
    ]).flat(),
  )

  test('the operations nearest to the last event are told, no more than asked for', () => {
    const story = recordedStory(many, because(...many.events.map(({ seq }) => seq)), { maxOperations: 3, width: 120 })

    expect(story).toMatch(/client 17 +client 18 +client 19/)
    expect(story.split('\n')).toHaveLength(1 + 6 + 1)
    expect(story).toMatch(/<- here\n +\.\.\. {2}37 other operations are left out$/)
  })

  test('an unknown end after the last answer is not what is pointed at', () => {
    const history = historyOf(
      invoke(0, 'write', 0, 1, 0),
      invoke(1, 'read', 1, undefined, 1),
      answers(2, 1, 2),
      ends(3, 'info', 0),
    )

    expect(recordedStory(history, because(0, 1, 2, 3))).toMatch(/\] 2 +<- here\n.+\? unknown$/)
  })

  test('nothing is told where no event belongs to an operation', () => {
    expect(recordedStory(many, because())).toBe('')
    expect(recordedStory(historyOf(), because(3))).toBe('')
  })

  test('it is never wider than the page, and always tells the last event', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 140 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(79),
        (width, maxOperations, last) => {
          const story = recordedStory(many, because(0, last), { width, maxOperations })
          expect(Math.max(...story.split('\n').map(widthOf))).toBeLessThanOrEqual(width)
          expect(story.match(/<- here/g)).toHaveLength(1)
        },
      ),
    )
  })
})
