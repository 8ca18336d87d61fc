// The class of what waits is asked for after each step, of everything that waits: thousands of messages in a history
// whose links are slow for hours. It is made once.
import { expect, test } from 'vitest'
import { madeOnce } from '../../src/simulate/lasso.ts'
import { callClass, type LinkCall } from '../../src/simulate/link-call.ts'

test('the class of a call is made once', () => {
  let asked = 0
  const parts = {
    get context() {
      asked += 1
      return { life: { node: 'shop' }, root: { kind: 'boot', node: 'shop' }, path: [] }
    },
    step: { operation: 'GET /', to: 'bank' },
  }
  const call = parts as unknown as LinkCall // no more of it is read

  const classes = Array.from({ length: 3 }, () => callClass(call))

  expect(new Set(classes)).toEqual(new Set(['call shop 0 boot(shop) 0 GET / bank']))
  expect(asked).toBe(1)
})

test('a text is made once, and not before it is asked for', () => {
  let made = 0
  const text = madeOnce(() => `text ${++made}`)

  expect(made).toBe(0)
  expect([text(), text()]).toEqual(['text 1', 'text 1'])
})
