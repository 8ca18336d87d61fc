// counterBounds, uniqueIds and queueDelivery against their twins on random histories of acts.
import { describe, test } from 'vitest'
import { counterBounds } from '../../src/check/counter-bounds.ts'
import { queueDelivery } from '../../src/check/queue-delivery.ts'
import { uniqueIds } from '../../src/check/unique-ids.ts'
import { actsIn, counterActs, counterTwin, idActs, idTwin, queueActs, queueTwin } from './brute-force/act-twins.ts'
import { expectSameVerdicts } from './brute-force/agree-on-kind.ts'

test('counterBounds agrees with its twin', () => {
  expectSameVerdicts(counterBounds(), counterTwin, actsIn(counterActs, 7), ['holds', 'violated', 'vacuous'])
})

test('uniqueIds agrees with its twin', () => {
  expectSameVerdicts(uniqueIds(), idTwin, actsIn(idActs, 6), ['holds', 'violated', 'vacuous'])
})

describe('queueDelivery agrees with its twin', () => {
  test('in any order', () => {
    expectSameVerdicts(queueDelivery(), queueTwin(0, false), actsIn(queueActs, 7), ['holds', 'violated', 'unknown', 'vacuous'], 'too many duplicates')
    expectSameVerdicts(queueDelivery(undefined, { duplicates: 1 }), queueTwin(1, false), actsIn(queueActs, 7), ['holds', 'violated', 'unknown', 'vacuous'])
  })

  test('in the order of partitions', () => {
    const inOrder = queueDelivery(undefined, { duplicates: 2, order: (message: number) => ({ partition: message % 2 === 1 ? 1 : 2, sequence: message }) })
    expectSameVerdicts(inOrder, queueTwin(2, true), actsIn(queueActs, 8), ['holds', 'violated', 'unknown', 'vacuous'], 'out of order')
  })
})
