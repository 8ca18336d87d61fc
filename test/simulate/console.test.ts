// What handlers print becomes notes of the history, whatever prints it: nothing reaches the terminal.
import { Console } from 'node:console'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { noFaults, noHang, op, serve, simulate } from 'two-generals'

const heldOn = console.log
const logger = new Console(process.stdout)

test('a console, one that was held on to, a logger and the streams', async () => {
  const printed: string[] = []
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = (chunk: string | Uint8Array): boolean => printed.push(String(chunk)) > 0
  try {
    const shop = serve(() => (_request: Request) => {
      console.info('a console', { a: 1 })
      heldOn('held on to')
      logger.warn('a logger')
      let isDone = false
      process.stderr.write(new TextEncoder().encode('bytes\n'), () => (isDone = true))
      process.stdout.write('text\n')
      return Response.json(isDone)
    })
    const go = op('go', fc.constant(null), async () => (await fetch('http://shop/')).json())
    const workload = { invocations: [{ id: 0, operation: 'go', client: 0, afterMs: 0, input: null }] }
    const system = { nodes: { shop }, operations: [go], invariants: [noHang()] }
    const history = await simulate(system, { workload, plan: noFaults, seed: 1 })

    const arrival = history.events.find(({ kind, node }) => kind === 'arrive' && node === 'shop')
    // An earlier file of this worker may have patched the console before it was held on to
    const texts = history.notes.map(({ text }) => text.replace(/^(printed|console\.\w+): /, ''))
    expect(texts).toEqual(['a console {"a":1}', 'held on to', 'a logger', 'bytes', 'text'])
    for (const { event } of history.notes) expect(event).toBe(arrival?.seq)
    expect(printed).toEqual([])
    process.stdout.write('outside')
    expect(printed).toEqual(['outside'])
  } finally {
    process.stdout.write = write
  }
})
