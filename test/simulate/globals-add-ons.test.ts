// Native add-ons work in threads of their own: a history waits for them, in virtual time that stands still.
import { createRequire } from 'node:module'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assess, journal, noHang, op, serve, type System } from 'two-generals'
import { full } from '../full.ts'
import { rehearse } from '../../src/conformance/rehearse.ts'

interface Bcrypt {
  hash(password: string, rounds: number): Promise<string>
  hash(password: string, rounds: number, done: (error: Error | undefined, hash: string) => void): void
  compare(password: string, hash: string): Promise<boolean>
}

const bcrypt = createRequire(import.meta.url)('bcrypt') as Bcrypt
/** Some 0.03 s of real time, or 0.1 s: so long no number of turns of the event loop would wait. */
const slow = full ? 11 : 9
const twoDigits = String(slow).padStart(2, '0')

const seenOf = async (answer: () => Promise<string>): Promise<unknown> => {
  const nodes = {
    shop: serve(() => async () => new Response(await answer())),
    bank: serve(() => () => new Response('bank')),
  }
  const ask = async (): Promise<string> => (await fetch('http://shop/')).text()
  return (await rehearse({ nodes }, ask)).seen
}

describe('a hash', () => {
  test('takes no virtual time, and is the same again', async () => {
    const answer = async (): Promise<string> => {
      const hash = await bcrypt.hash('secret', slow)
      return `${hash.slice(0, 7)} ${String(await bcrypt.compare('secret', hash))} ${performance.now()}`
    }
    expect(await seenOf(answer)).toBe(`$2b$${twoDigits}$ true 20`)
  })

  test('calls back in the context of who asked for it', async () => {
    const answer = (): Promise<string> =>
      new Promise((resolve, reject) => {
        bcrypt.hash('secret', 4, () => {
          fetch('http://bank/').then(async (reply) => resolve(`${await reply.text()} ${performance.now()}`), reject)
        })
      })
    expect(await seenOf(answer)).toBe('bank 60')
  })

  test('several at once', async () => {
    const answer = async (): Promise<string> => {
      const hashes = await Promise.all([slow, 4, 5].map(async (rounds) => bcrypt.hash('secret', rounds)))
      return hashes.map((hash) => hash.slice(4, 6)).join(' ')
    }
    expect(await seenOf(answer)).toBe(`${twoDigits} 04 05`)
  })
})

test('a handler that hashes neither hangs nor is told to be in doubt', async () => {
  const registered = journal<{ name: string }>('registered')
  const register = op('register', fc.uuid(), (name) => fetch(`http://shop/${name}`, { method: 'PUT' }), {
    timeout: 5_000,
  })
  const system: System = {
    nodes: {
      shop: serve(() => async ({ url }: Request) => {
        registered.add({ name: await bcrypt.hash(url, 4) })
        return new Response()
      }),
    },
    operations: [register],
    maxOperations: 3,
    invariants: [noHang()],
  }
  expect(await assess(system, { numRuns: 10 })).toMatchObject({ kind: 'holds' })
})
