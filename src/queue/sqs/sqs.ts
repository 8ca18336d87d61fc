// The endpoint of Amazon SQS: the host that an SDK calls, as one of the hosts outside, and never down. Requests of the
// AWS JSON 1.0 protocol become actions. https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
import { describeError } from '../../plain/describe-error.ts'
import { foundWords, isRecord } from '../../plain/options.ts'
import { mostSimilar } from '../../plain/suggestion.ts'
import { SetupError } from '../../simulate/setup-error.ts'
import type { World } from '../../simulate/world.ts'
import { running } from '../../transport/provide.ts'
import { messageId } from '../core/message-id.ts'
import { queryError, SqsError } from './sqs-errors.ts'
import { sqsActions, type SqsInput } from './sqs-actions.ts'
import type { SqsQueue } from './sqs-queue.ts'

/** An endpoint, for the `outside` of a system. It stands among handlers of msw, and answers as one of them. */
export interface SqsEndpoint {
  readonly kind: 'sqs'
  readonly info: { readonly header: string; readonly path: string }
  run(asked: { readonly request: Request }): Promise<{ readonly response: Response } | null>
}

const host = /^(?:sqs\.([\w-]+)\.amazonaws\.com|([\w-]+\.)?queue\.amazonaws\.com)$/

/**
 * The endpoint of Amazon SQS with these queues, and the queues for their dead letters, for the `outside` of a system:
 * `@aws-sdk/client-sqs` and what is built on it call it unchanged, at its usual host or at the queues' `endpoint`. It
 * never fails by itself. Its errors are those of AWS, except that a queue which does not exist ends the history.
 *
 * @throws if it gets no queues, something else, or two of one name
 * @example
 * const system = { nodes, operations: [enqueue(orders, order)], invariants, outside: [sqs(orders), ...stubs] }
 */
export function sqs(...queues: readonly SqsQueue[]): SqsEndpoint {
  const all = withDeadLetters(queues)
  for (const [index, { name }] of all.entries())
    if (all.findIndex((other) => other.name === name) !== index)
      throw new Error(`sqs(): two of its queues have the name "${name}". Give each its own.`)
  for (const queue of all) served.add(queue)
  const origins = new Set(all.map(({ url }) => new URL(url).origin))
  return {
    kind: 'sqs',
    info: { header: 'Amazon SQS', path: `${new URL(all[0]?.url ?? '').origin}/` },
    async run({ request }) {
      const { origin, hostname } = new URL(request.url)
      if (hostname === metadataService) running().host.fail(noCredentials)
      if (!origins.has(origin) && !host.test(hostname)) return null
      return { response: await answer(all, request) }
    },
  }
}

/** Who has no credentials asks its machine. */
const metadataService = '169.254.169.254'
const noCredentials = new SetupError(
  "sqs(): a client of the AWS SDK has no credentials, and asks the machine's metadata service for them. Give it " +
    "some: new SQSClient({ region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }).",
)

const served = new WeakSet<SqsQueue>()

/** Whether some endpoint has a queue. */
export function isServed(queue: SqsQueue): boolean {
  return served.has(queue)
}

function withDeadLetters(queues: readonly unknown[]): readonly SqsQueue[] {
  if (queues.length === 0) throw new Error("sqs(): it has no queues. Give some: sqs(sqsQueue('orders')).")
  const all = new Set<SqsQueue>()
  const add = (queue: unknown): void => {
    if (!isRecord(queue) || queue['kind'] !== 'sqs-queue')
      throw new Error(`sqs(): one of its arguments is ${foundWords(queue)}; give queues: sqs(sqsQueue('orders')).`)
    const own = queue as unknown as SqsQueue // just checked
    all.add(own)
    if (own.deadLetters !== undefined && !all.has(own.deadLetters)) add(own.deadLetters)
  }
  for (const queue of queues) add(queue)
  return [...all]
}

async function answer(queues: readonly SqsQueue[], request: Request): Promise<Response> {
  const context = running()
  const world = context.host as World // the only Host that lends contexts is a World
  const fail = (text: string): Response => {
    world.fail(new SetupError(text))
    return errorResponse(new SqsError('InternalError', text))
  }
  const id = messageId(context, -1)
  const action = /^AmazonSQS\.(\w+)$/.exec(request.headers.get('x-amz-target') ?? '')?.[1]
  if (action === undefined)
    return fail(
      `sqs(): ${request.method} ${request.url} names no action of SQS in x-amz-target. Only the JSON protocol is ` +
        'spoken here, as @aws-sdk/client-sqs does from 3.447 on.',
    )
  const body = await request.text()
  const input = inputOf(body)
  if (input === undefined) return errorResponse(new SqsError('SerializationException', 'The body is no JSON object.'))
  if (action === 'ListQueues') return json({ QueueUrls: queues.map(({ url }) => url) }, id)
  const act = sqsActions[action]
  if (act === undefined)
    return fail(`sqs(): the action ${action} is not simulated (known are ${Object.keys(sqsActions).join(', ')}).`)
  const { QueueUrl, QueueName = '' } = input
  const asked = QueueUrl ?? QueueName
  const name = typeof asked === 'string' ? (asked.split('/').at(-1) ?? '') : ''
  const queue = queues.find((one) => one.name === name)
  if (queue === undefined) return fail(noSuchQueue(context.life.node, action, name, queues))
  const region = host.exec(new URL(request.url).hostname)?.[1]
  if (region !== undefined && region !== queue.region && new URL(queue.url).origin !== new URL(request.url).origin)
    return fail(
      `sqs(): ${action} asked for "${name}" in ${region}, and that is in ${queue.region}. Give both the same region: ` +
        `sqsQueue('${name}', { region: '${region}' }).`,
    )
  try {
    return json(await act({ world, context, queue, input, gone: request.signal }), id)
  } catch (error) {
    if (error instanceof SqsError) return errorResponse(error)
    return fail(`Bug: sqs() cannot carry out ${action}: ${describeError(error)}`)
  }
}

function inputOf(body: string): SqsInput | undefined {
  try {
    const input: unknown = JSON.parse(body === '' ? '{}' : body)
    return isRecord(input) ? input : undefined
  } catch {
    return undefined
  }
}

function noSuchQueue(node: string, action: string, name: string, queues: readonly SqsQueue[]): string {
  const names = queues.map((queue) => queue.name)
  const near = mostSimilar(name, names)
  return (
    `sqs(): ${action} at ${node} asked for the queue "${name}", which does not exist (there are ` +
    `${names.map((one) => `"${one}"`).join(', ')}).${near === undefined ? '' : ` Did you mean "${near}"?`} ` +
    `Declare it: sqs(sqsQueue('${name === '' ? 'orders' : name}')).`
  )
}

const type = { 'content-type': 'application/x-amz-json-1.0' }

function json(output: object, id: string): Response {
  return new Response(JSON.stringify(output), { headers: { ...type, 'x-amzn-requestid': id } })
}

function errorResponse(error: SqsError): Response {
  return new Response(JSON.stringify({ __type: `com.amazonaws.sqs#${error.type}`, message: error.message }), {
    status: error.type === 'InternalError' ? 500 : 400,
    headers: { ...type, 'x-amzn-query-error': queryError(error) },
  })
}
