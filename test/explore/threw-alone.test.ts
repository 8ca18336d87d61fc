// A handler that throws although no fault struck: no invariant may object, and the report says so all the same.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { assess, noHang, op, serve, type System } from '../../src/index.ts'

function shop(refuses: boolean): System {
  let isBusy = false
  return {
    nodes: {
      shop: serve(() => async () => {
        if (isBusy && refuses) return new Response('busy', { status: 409 })
        if (isBusy) throw new Error('busy!')
        isBusy = true
        await new Promise((resolve) => setTimeout(resolve, 50))
        isBusy = false
        return new Response()
      }),
    },
    operations: [op('buy', fc.constant(null), () => fetch('http://shop/', { method: 'POST' }))],
    tolerates: [],
    invariants: [noHang()],
  }
}

test('is told, with what it threw', async () => {
  const { kind, remarks } = await assess(shop(false), { seed: 1, numRuns: 20 })

  expect(kind).toBe('holds')
  expect(remarks.join('\n')).toMatch(
    /On a perfect network, "shop" threw Error: busy! at .*threw-alone\.test\.ts:\d+, and/,
  )
})

test('an answer is no error', async () => {
  expect((await assess(shop(true), { seed: 1, numRuns: 5 })).remarks).toEqual([])
})
