// BroadcastChannel inside a simulation: heard within one process, by copies, and native outside.
import { BroadcastChannel as WorkerBroadcastChannel } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { within } from '../../src/simulate/context.ts'

// Taken before the patching, as a module that is imported earlier would.
const CapturedBroadcastChannel = BroadcastChannel

const { install } = await import('../../src/simulate/globals.ts')
const { FakeHost, simulated, turnOver } = await import('./globals.host.ts')
install()

/** A channel that notes what it hears. */
function listener(name: string, log: unknown[], who = name): BroadcastChannel {
  const channel = new BroadcastChannel(name)
  channel.onmessage = ({ data }) => void log.push([who, data])
  return channel
}

test('a message is heard once by every other channel of its name, in order, as a copy', async () => {
  const log: unknown[] = []
  await simulated(() => {
    const [sender] = [listener('news', log, 'sender'), listener('news', log, 'a'), listener('news', log, 'b')]
    listener('weather', log)
    const message = { n: 1 }

    sender.postMessage(message)
    message.n = 2
    sender.postMessage(message)
    expect(log).toEqual([])
  })

  expect(log).toEqual([
    ['a', { n: 1 }],
    ['b', { n: 1 }],
    ['a', { n: 2 }],
    ['b', { n: 2 }],
  ])
})

test('a closed channel neither hears nor speaks', async () => {
  const log: unknown[] = []
  await simulated(() => {
    const sender = new BroadcastChannel('news')
    const closedLater = listener('news', log)
    sender.postMessage('under way')
    closedLater.close()
    sender.close()

    expect(() => {
      sender.postMessage('too late')
    }).toThrow(expect.objectContaining({ name: 'InvalidStateError' }))
    expect(() => {
      new BroadcastChannel('news').postMessage(() => undefined)
    }).toThrow(expect.objectContaining({ name: 'DataCloneError' }))
  })

  expect(log).toEqual([])
})

test("it is the platform's class: instanceof, subclasses, events, and the one of node:worker_threads", async () => {
  class Loud extends BroadcastChannel {
    shout(text: string): void {
      this.postMessage(text.toUpperCase())
    }
  }
  await simulated(async (host) => {
    const channel = new BroadcastChannel('news')
    const heard = new Promise<MessageEvent>((resolve) => {
      channel.addEventListener('message', resolve, { once: true })
    })
    const loud = new Loud('news')
    loud.shout('fire')
    const event = await heard

    expect([event.data, event instanceof MessageEvent, event.target === channel]).toEqual(['FIRE', true, true])
    expect([loud instanceof Loud, loud instanceof CapturedBroadcastChannel, channel.name]).toEqual([true, true, 'news'])
    expect(channel.constructor).toBe(BroadcastChannel)
    expect(WorkerBroadcastChannel).toBe(BroadcastChannel)
    expect(host.touched).toBe(0)
  })
})

test('other nodes, and other incarnations, hear nothing; a dead one neither', async () => {
  const host = new FakeHost()
  const [shop, bank, restarted] = [host.context(), host.context('bank'), host.context()]
  const log: unknown[] = []
  for (const [context, who] of [
    [bank, 'bank'],
    [restarted, 'restarted'],
    [shop, 'shop'],
  ] as const)
    within(context, () => listener('news', log, who))

  within(shop, () => {
    new BroadcastChannel('news').postMessage(1)
  })
  await host.run()
  within(shop, () => {
    new BroadcastChannel('news').postMessage(2)
  })
  shop.life.dead = true
  await host.run()

  expect(log).toEqual([['shop', 1]])
})

test('a channel that was made outside the simulation is refused inside by name', async () => {
  const native = new CapturedBroadcastChannel('news')
  const host = new FakeHost()

  within(host.context(), () => {
    native.postMessage('out into the real process')
  })
  native.close()

  expect(host.escapes).toEqual([
    {
      what: expect.stringMatching(/^BroadcastChannel \(.*opened outside/),
      at: expect.stringMatching(/broadcast\.test/),
    },
  ])
})

test('outside a simulation it is native', async () => {
  const [sender, receiver] = [new BroadcastChannel('news'), new BroadcastChannel('news')]
  const heard = new Promise((resolve) => {
    receiver.onmessage = ({ data }) => {
      resolve(data)
    }
  })

  sender.postMessage('real')

  expect(await heard).toBe('real')
  expect(receiver.name).toBe('news')
  for (const channel of [sender, receiver]) channel.close()
  await turnOver()
})
