// counterBounds, uniqueIds and queueDelivery against their twins on random histories of acts.
import { describe, test } from 'vitest'
import { counterBounds } from '../../src/check/counter-bounds.ts'
import { queueDelivery } from '../../src/check/queue-delivery.ts'
import { uniqueIds } from '../../src/check/unique-ids.ts'
import { actsIn, counterActs, counterTwin, idActs, idTwin, queueActs, queueTwin } from './brute-force/act-twins.ts'
import { expectAgreement } from './brute-force/agree.ts'

test('counterBounds agrees with its twin', () => {
  expectAgreement(counterBounds(), counterTwin, ['holds', 'violated', 'vacuous'], actsIn(counterActs, 7))
})

test('uniqueIds agrees with its twin', () => {
  expectAgreement(uniqueIds(), idTwin, ['holds', 'violated', 'vacuous'], actsIn(idActs, 6))
})

describe('queueDelivery agrees with its twin', () => {
  test('in any order', () => {
    expectAgreement(
      queueDelivery(),
      queueTwin(0, false),
      ['holds', 'violated', 'unknown', 'vacuous'],
      actsIn(queueActs, 7),
      'too-many dequeue',
    )
    expectAgreement(
      queueDelivery(undefined, { duplicates: 1 }),
      queueTwin(1, false),
      ['holds', 'violated', 'unknown', 'vacuous'],
      actsIn(queueActs, 7),
    )
  })

  test('in the order of partitions', () => {
    const inOrder = queueDelivery(undefined, {
      duplicates: 2,
      order: (message: number) => ({ partition: message % 2 === 1 ? 1 : 2, sequence: message }),
    })

    expectAgreement(
      inOrder,
      queueTwin(2, true),
      ['holds', 'violated', 'unknown', 'vacuous'],
      actsIn(queueActs, 8),
      'out-of-order',
    )
  })
})
