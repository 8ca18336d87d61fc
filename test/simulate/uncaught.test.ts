// Errors that nobody caught, in a process that listens for them as Node lets it: it goes on, unless its listener throws
// or exits.
import process from 'node:process'
import { expect, test } from 'vitest'
import { journal } from '../../src/history/effect.ts'
import type { HistoryEvent } from '../../src/history/history.ts'
import { serve } from '../../src/transport/serve.ts'
import { effectsIn, nothingToJudge, outcomesOf, post, runOnce } from './systems.ts'

const told = journal<string>('told')

type Listen = (tell: (error: unknown) => void) => void

const reject = (): void => void Promise.reject(new Error('boom'))
const throwLater = (): void =>
  void setTimeout(() => {
    throw new Error('boom')
  }, 1)

async function crashesOf(listen: Listen, fail: () => void): Promise<readonly [crashes: unknown[], told: unknown[]]> {
  const shop = serve(() => {
    listen((error) => told.add(String(error)))
    return async () => {
      fail()
      await new Promise((resolve) => setTimeout(resolve, 100))
      return new Response()
    }
  })
  const { history } = await runOnce({
    nodes: { shop },
    operations: [post('go', 'http://shop/')],
    invariants: [nothingToJudge],
  })
  const why = (event: HistoryEvent): unknown[] => (event.kind === 'crash' ? [event.why] : [])
  const crashes = history.events.flatMap(why)
  if (crashes.length === 0) expect(outcomesOf(history)).toEqual(['ok'])
  return [crashes, effectsIn(history, 'told').map(({ value }) => value)]
}

test.each<[string, Listen, () => void, unknown[]]>([
  ['a rejection', (tell) => process.on('unhandledRejection', tell), reject, []],
  ['an exception', (tell) => process.on('uncaughtException', tell), throwLater, []],
  ['a rejection, as an exception', (tell) => process.on('uncaughtException', tell), reject, []],
  [
    'and exits',
    (tell) =>
      process.on('uncaughtException', (error) => {
        tell(error)
        process.exit(1)
      }),
    throwLater,
    ['process.exit'],
  ],
  [
    'and throws',
    (tell) =>
      process.on('unhandledRejection', (error) => {
        tell(error)
        throw new Error('again')
      }),
    reject,
    ['unhandled rejection'],
  ],
])('a process that listens for %s', async (_, listen, fail, crashes) => {
  const before = ['uncaughtException', 'unhandledRejection'].map((name) => process.rawListeners(name))
  expect(await crashesOf(listen, fail)).toEqual([crashes, ['Error: boom']])
  expect(['uncaughtException', 'unhandledRejection'].map((name) => process.rawListeners(name))).toEqual(before)
})

test('listening for the one is not listening for the other', async () => {
  const listen: Listen = (tell) => process.on('unhandledRejection', tell)
  expect(await crashesOf(listen, throwLater)).toEqual([['uncaught exception'], []])
})
