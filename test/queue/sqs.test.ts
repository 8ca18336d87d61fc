// The endpoint of Amazon SQS, as the AWS SDK sees it: what each action does, what it answers, and how it refuses.
import { assess, atLeastOnce, journal, op, serve } from 'two-generals'
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  type Message,
  type ReceiveMessageCommandInput,
} from '@aws-sdk/client-sqs'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { enqueue, sqs, sqsLambda, sqsQueue, worker, type SqsQueue } from 'two-generals/queues'
import { rehearse } from '../../src/conformance/rehearse.ts'

const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' }
const dead = sqsQueue('dead')
const orders = sqsQueue('orders', { visibilityTimeoutMs: 10_000, maxReceives: 2, deadLetters: dead })
const ledger = sqsQueue('ledger.fifo')

/** What the code of a client gets, the same in two histories. */
async function seen<T>(run: (client: SQSClient) => Promise<T>, ...queues: SqsQueue[]): Promise<T> {
  const all = queues.length === 0 ? [orders, ledger] : queues
  const system = { nodes: { idle: worker(() => undefined) }, outside: [sqs(...all)] }
  return (await rehearse(system, () => run(new SQSClient({ region: 'us-east-1', credentials })))).seen as T
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function receive(
  client: SQSClient,
  { url: QueueUrl }: SqsQueue,
  more: Partial<ReceiveMessageCommandInput> = {},
): Promise<readonly Message[]> {
  return (await client.send(new ReceiveMessageCommand({ QueueUrl, ...more }))).Messages ?? []
}

const bodies = (messages: readonly Message[]): readonly (string | undefined)[] => messages.map(({ Body }) => Body)

async function refusal(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call
  } catch (error) {
    return error instanceof Error ? [error.name, error.message] : error
  }
}

describe('a queue', () => {
  test('gives what was sent, hides it, and gives it again when its time is over', async () => {
    expect(
      await seen(async (client) => {
        await client.send(new SendMessageCommand({ QueueUrl: orders.url, MessageBody: 'a' }))
        const first = bodies(await receive(client, orders))
        await wait(9_000)
        const hidden = bodies(await receive(client, orders))
        await wait(1_000)
        return [first, hidden, bodies(await receive(client, orders))]
      }),
    ).toEqual([['a'], [], ['a']])
  })

  test('forgets what was deleted, and an older receipt deletes nothing', async () => {
    expect(
      await seen(async (client) => {
        const remove = ({ ReceiptHandle }: Message): Promise<unknown> =>
          client.send(new DeleteMessageCommand({ QueueUrl: orders.url, ReceiptHandle }))
        await client.send(new SendMessageCommand({ QueueUrl: orders.url, MessageBody: 'a' }))
        const [first] = await receive(client, orders)
        await wait(10_000)
        const [second] = await receive(client, orders)
        if (first === undefined || second === undefined) throw new Error('nothing was received')
        await remove(first)
        const { Attributes: before } = await client.send(
          new GetQueueAttributesCommand({ QueueUrl: orders.url, AttributeNames: ['All'] }),
        )
        await remove(second)
        const { Attributes: after } = await client.send(
          new GetQueueAttributesCommand({
            QueueUrl: orders.url,
            AttributeNames: ['ApproximateNumberOfMessagesNotVisible'],
          }),
        )
        return [before, after]
      }),
    ).toMatchObject([
      { ApproximateNumberOfMessagesNotVisible: '1', VisibilityTimeout: '10', QueueArn: orders.arn },
      { ApproximateNumberOfMessagesNotVisible: '0' },
    ])
  })

  test('wakes one who waits as soon as a message comes, and answers with nothing after the wait', async () => {
    expect(
      await seen(async (client) => {
        const began = performance.now()
        const waiting = receive(client, orders, { WaitTimeSeconds: 20 })
        await wait(5_000)
        await client.send(new SendMessageCommand({ QueueUrl: orders.url, MessageBody: 'a' }))
        const woken = [bodies(await waiting), performance.now() - began]
        const none = await receive(client, orders, { WaitTimeSeconds: 3 })
        return [woken, none, performance.now() - began]
      }),
    ).toEqual([[['a'], 5_040], [], 8_080])
  })

  test('lets a message that was received too often go to the dead letters', async () => {
    expect(
      await seen(async (client) => {
        await client.send(new SendMessageCommand({ QueueUrl: orders.url, MessageBody: 'poison' }))
        for (const _ of [1, 2]) {
          await receive(client, orders)
          await wait(10_000)
        }
        return [bodies(await receive(client, orders)), bodies(await receive(client, dead))]
      }),
    ).toEqual([[], ['poison']])
  })

  test('shows a message again at once, or later, as its consumer asks', async () => {
    expect(
      await seen(async (client) => {
        const change = ({ ReceiptHandle }: Message, VisibilityTimeout: number): Promise<unknown> =>
          client.send(new ChangeMessageVisibilityCommand({ QueueUrl: dead.url, ReceiptHandle, VisibilityTimeout }))
        await client.send(new SendMessageCommand({ QueueUrl: dead.url, MessageBody: 'a' }))
        const [first] = await receive(client, dead)
        await change(first ?? {}, 0)
        const [again] = await receive(client, dead)
        await change(again ?? {}, 100)
        await wait(31_000)
        const before = bodies(await receive(client, dead))
        await wait(70_000)
        const tooLate = await refusal(change(again ?? {}, 5))
        return [again?.Body, before, tooLate, bodies(await receive(client, dead))]
      }),
    ).toEqual(['a', [], ['MessageNotInflight', 'The specified message is not in flight.'], ['a']])
  })

  test('carries attributes, its own and those of the sender, that were asked for', async () => {
    expect(
      await seen(async (client) => {
        const MessageAttributes = {
          tenant: { DataType: 'String', StringValue: 'acme' },
          size: { DataType: 'Number', StringValue: '1' },
        }
        await client.send(new SendMessageCommand({ QueueUrl: orders.url, MessageBody: 'a', MessageAttributes }))
        const [message] = await receive(client, orders, {
          MessageAttributeNames: ['ten.*'],
          MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
        })
        await wait(10_000)
        const [bare] = await receive(client, orders, { MessageAttributeNames: ['tenant'] })
        return [message?.MessageAttributes, message?.Attributes, bare?.MessageAttributes, bare?.Attributes]
      }),
    ).toEqual([
      { tenant: { DataType: 'String', StringValue: 'acme' } },
      { ApproximateReceiveCount: '1', SentTimestamp: '1767225600020' },
      { tenant: { DataType: 'String', StringValue: 'acme' } },
      undefined,
    ])
  })

  test('takes and deletes batches, and says which entries failed', async () => {
    expect(
      await seen(async (client) => {
        const sent = await client.send(
          new SendMessageBatchCommand({
            QueueUrl: orders.url,
            Entries: [
              { Id: '1', MessageBody: 'a' },
              { Id: '2', MessageBody: 'b', DelaySeconds: 5 },
              { Id: '3', MessageBody: 'c', DelaySeconds: 901 },
            ],
          }),
        )
        const messages = await receive(client, orders, { MaxNumberOfMessages: 10 })
        await client.send(
          new DeleteMessageBatchCommand({
            QueueUrl: orders.url,
            Entries: messages.map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle })),
          }),
        )
        await wait(5_000)
        const late = bodies(await receive(client, orders, { MaxNumberOfMessages: 10 }))
        await client.send(new PurgeQueueCommand({ QueueUrl: orders.url }))
        return [sent.Successful?.map(({ Id }) => Id), sent.Failed, bodies(messages), late]
      }),
    ).toEqual([
      ['1', '2'],
      [
        {
          Id: '3',
          SenderFault: true,
          Code: 'InvalidParameterValue',
          Message: 'Value 901 for parameter DelaySeconds is invalid. Reason: Must be between 0 and 900, if provided.',
        },
      ],
      ['a'],
      ['b'],
    ])
  })

  test('is found by its name, and listed', async () => {
    expect(
      await seen(async (client) => [
        (await client.send(new GetQueueUrlCommand({ QueueName: 'orders' }))).QueueUrl,
        (await client.send(new ListQueuesCommand({}))).QueueUrls,
      ]),
    ).toEqual([orders.url, [orders.url, dead.url, ledger.url]])
  })

  test('refuses as AWS does', async () => {
    expect(
      await seen(async (client) => [
        await refusal(receive(client, orders, { MaxNumberOfMessages: 11 })),
        await refusal(client.send(new DeleteMessageCommand({ QueueUrl: orders.url, ReceiptHandle: 'none' }))),
        await refusal(client.send(new SendMessageCommand({ QueueUrl: ledger.url, MessageBody: 'a' }))),
        await refusal(
          client.send(new SendMessageCommand({ QueueUrl: ledger.url, MessageBody: 'a', MessageGroupId: 'g' })),
        ),
        await refusal(client.send(new SendMessageBatchCommand({ QueueUrl: orders.url, Entries: [] }))),
      ]),
    ).toEqual([
      [
        'InvalidParameterValue',
        'Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.',
      ],
      ['ReceiptHandleIsInvalid', 'The input receipt handle "none" is not a valid receipt handle.'],
      ['MissingParameter', 'The request must contain the parameter MessageGroupId.'],
      [
        'InvalidParameterValue',
        'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
      ],
      ['EmptyBatchRequest', 'There should be at least one entry in the request.'],
    ])
  })
})

describe('a queue in order', () => {
  const send = (client: SQSClient, MessageBody: string, MessageGroupId: string, id = MessageBody): Promise<unknown> =>
    client.send(
      new SendMessageCommand({ QueueUrl: ledger.url, MessageBody, MessageGroupId, MessageDeduplicationId: id }),
    )

  test('blocks a group while one of its messages is out, and no other group', async () => {
    expect(
      await seen(async (client) => {
        await send(client, 'a1', 'a')
        await send(client, 'a2', 'a')
        await send(client, 'b1', 'b')
        const [first] = await receive(client, ledger)
        const beside = bodies(await receive(client, ledger, { MaxNumberOfMessages: 10 }))
        await client.send(new DeleteMessageCommand({ QueueUrl: ledger.url, ReceiptHandle: first?.ReceiptHandle }))
        return [first?.Body, beside, bodies(await receive(client, ledger))]
      }),
    ).toEqual(['a1', ['b1'], ['a2']])
  })

  test('takes a message with a known deduplication id once in five minutes', async () => {
    expect(
      await seen(async (client) => {
        await send(client, 'a', 'g', 'id')
        await send(client, 'again', 'g', 'id')
        await wait(300_000)
        await send(client, 'later', 'g', 'id')
        return bodies(await receive(client, ledger, { MaxNumberOfMessages: 10 }))
      }),
    ).toEqual(['a', 'later'])
  })

  test('refuses a receipt whose time is over', async () => {
    expect(
      await seen(async (client) => {
        await send(client, 'a', 'g')
        const [first] = await receive(client, ledger)
        await wait(30_000)
        return refusal(
          client.send(new DeleteMessageCommand({ QueueUrl: ledger.url, ReceiptHandle: first?.ReceiptHandle })),
        )
      }),
    ).toEqual(['InvalidParameterValue', expect.stringContaining('The receipt handle has expired.')])
  })
})

test('two containers of a function get batches at one moment', async () => {
  let starts: [body: string, atMs: number][] = []
  const handler = async ({ Records }: { readonly Records: readonly { readonly body: string }[] }): Promise<void> => {
    for (const { body } of Records) starts.push([body, performance.now()])
    await wait(100)
  }
  const nodes = { billing: sqsLambda(orders, () => handler, { batchSize: 1 }) }
  const { seen: all } = await rehearse({ nodes, outside: [sqs(orders)] }, async () => {
    starts = []
    const Entries = ['a', 'b', 'c'].map((Id) => ({ Id, MessageBody: Id }))
    const client = new SQSClient({ region: 'us-east-1', credentials })
    await client.send(new SendMessageBatchCommand({ QueueUrl: orders.url, Entries }))
    await wait(1_000)
    return starts.map(([body, atMs]) => [body, Math.round(atMs - (starts[0]?.[1] ?? 0))])
  })
  expect(all).toEqual([
    ['a', 0],
    ['b', 0],
    ['c', 160],
  ])
})

describe('mistakes are told', () => {
  const ask = (command: unknown, region = 'us-east-1'): Promise<unknown> => {
    const system = { nodes: { idle: worker(() => undefined) }, outside: [sqs(orders)] }
    // the cast holds: each is a command of this client
    return rehearse(system, () => new SQSClient({ region, credentials }).send(command as ListQueuesCommand))
  }

  test('a queue that does not exist, with the nearest name', async () => {
    const url = orders.url.replace('orders', 'order')
    await expect(ask(new ReceiveMessageCommand({ QueueUrl: url }))).rejects.toThrow(
      'ReceiveMessage at sqs.us-east-1.amazonaws.com asked for the queue "order", which does not exist (there are ' +
        '"orders", "dead"). Did you mean "orders"?',
    )
  })

  test.each([
    ['visibilityTimeoutMs is 43200001; AWS allows at most 43_200_000', { visibilityTimeoutMs: 43_200_001 }],
    ['delayMs is 900001', { delayMs: 900_001 }],
    ['waitMs is 20001', { waitMs: 20_001 }],
  ])('a setting that AWS refuses: %s', (words, options) => {
    expect(() => sqsQueue('a', options)).toThrow(words)
  })

  test('a deduplication id for a queue that is not in order', () => {
    expect(() => enqueue(orders, fc.uuid(), { deduplicationId: (id) => id })).toThrow(
      'deduplicationId is for queues in order',
    )
  })

  test.each([
    ['Must be shorter than 1048576 bytes', 'x'.repeat(1_048_577)],
    ['outside the allowed set', 'a\u{0}'],
    ['outside the allowed set', 'a\u{d800}'],
  ])('a message that AWS refuses: %s', async (words, MessageBody) => {
    expect(
      await seen((client) =>
        client.send(new SendMessageCommand({ QueueUrl: orders.url, MessageBody })).then(String, String),
      ),
    ).toContain(words)
  })

  test('a client without credentials', async () => {
    const nodes = { idle: worker(() => undefined) }
    const asks = (): Promise<unknown> => fetch('http://169.254.169.254/latest/api/token', { method: 'PUT' })
    await expect(rehearse({ nodes, outside: [sqs(orders)] }, asks)).rejects.toThrow(
      'sqs(): a client of the AWS SDK has no credentials',
    )
  })

  test('a factory that gives no handler', async () => {
    const nodes = { billing: sqsLambda(orders, () => undefined as never) }
    await expect(rehearse({ nodes, outside: [sqs(orders)] }, () => undefined)).rejects.toThrow(
      /^sqsLambda\(\): its factory gave no function/,
    )
  })

  test('a queue in another region', async () => {
    await expect(ask(new ReceiveMessageCommand({ QueueUrl: 'orders' }), 'eu-west-1')).rejects.toThrow(
      'ReceiveMessage asked for "orders" in eu-west-1, and that is in us-east-1. Give both the same region: ' +
        "sqsQueue('orders', { region: 'eu-west-1' }).",
    )
  })

  test('a queue that nobody serves', async () => {
    const lost = enqueue(sqsQueue('lost'), fc.uuid())
    await expect(rehearse({ nodes: { idle: worker(() => undefined) } }, () => lost.run('a'))).rejects.toThrow(
      'enqueue("lost"): nobody serves this queue. Put sqs(...) with it into the system\'s `outside`.',
    )
  })

  test('a queue that nobody consumes', async () => {
    const system = { nodes: { idle: worker(() => undefined) }, outside: [sqs(orders)] }
    const placed = enqueue(orders, fc.uuid())
    const invariants = [
      atLeastOnce(
        placed.by((id) => id),
        journal<string>('charge').by((id) => id),
      ),
    ]
    await expect(assess({ ...system, operations: [placed], invariants })).rejects.toThrow(
      'Messages were put into the queue "orders", and nobody has asked for them in 60 min. Does a node consume it, by ' +
        'this name?',
    )
  })

  test('a request to a worker', async () => {
    await expect(rehearse({ nodes: { idle: worker(() => undefined) } }, () => fetch('http://idle/'))).rejects.toThrow(
      'GET http://idle/ went to a worker(), which takes no requests. A node that does is a serve().',
    )
  })

  test.each([
    ['sqsQueue("a b"): SQS has no such name.', () => sqsQueue('a b')],
    ['has no option "visibilityMs"', () => sqsQueue('a', { visibilityMs: 1 } as object)],
    ['maxReceives and deadLetters belong together', () => sqsQueue('a', { maxReceives: 2 })],
    ['are in order too', () => sqsQueue('a.fifo', { maxReceives: 2, deadLetters: dead })],
    ['contentDeduplication is for queues in order', () => sqsQueue('a', { contentDeduplication: true })],
    ['endpoint is "localhost"; give an origin', () => sqsQueue('a', { endpoint: 'localhost' })],
    ['it has no queues', () => sqs()],
    ['one of its arguments is an object; give queues', () => sqs(op('a', fc.constant(1), () => 1) as never)],
    ['two of its queues have the name "a"', () => sqs(sqsQueue('a'), sqsQueue('a'))],
    ['its first argument is an object', () => enqueue(serve(() => () => new Response()) as never, fc.uuid())],
    ['has no option "grup"', () => enqueue(orders, fc.uuid(), { grup: () => '' } as object)],
    ['its first argument is undefined; give a factory', () => worker(undefined as never)],
    ['instances is 0; give a whole number from 1', () => worker(() => 1, { instances: 0 })],
  ])('%s', (text, declare) => {
    expect(declare).toThrow(text)
  })
})
