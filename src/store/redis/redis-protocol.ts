// Commands and their answers as links carry them: one command, all commands of a transaction, or what a client says of
// itself as it connects. Pure; knows no socket.
import { isRefusal } from '../../history/status-why.ts'
import type { CallFailure, Protocol } from '../../simulate/protocol.ts'
import type { RedisAnswer, RedisCommand } from './redis-server.ts'

/** What is sent at once. */
export interface RedisRequest {
  readonly commands: readonly RedisCommand[]
  /** It changes nothing. */
  readonly isRead: boolean
}

/**
 * What comes back: the answers of the server, `isTalk` to what its client said of itself; nothing, where it does not
 * know the connection any more; or the status of an answer from a fault.
 */
export type RedisReply =
  | { readonly kind: 'answered'; readonly answers: readonly RedisAnswer[]; readonly isTalk: boolean }
  | { readonly kind: 'unknown connection' }
  | { readonly kind: 'status'; readonly status: number }

/** The statuses in the history for replies of Redis, which has none of its own. */
const [done, refused] = [200, 500] as const

/** The protocol that links carry for Redis. */
export const redisProtocol: Protocol<RedisRequest, RedisReply> = {
  patienceMs: 300_000, // as for databases
  connectMs: 10_000,
  operationOf: ({ commands }) => operationOf(commands),
  textsOf: ({ commands }) => commands.flatMap(({ args }) => args.map(String)),
  argumentsOf: ({ commands }) =>
    commands.every(isOfConnection) ? [] : commands.flatMap(({ args }) => args.map(String)),
  resultOf: (reply) => (reply.kind === 'answered' && !reply.isTalk ? resultOf(reply.answers) : undefined),
  traceOf: () => undefined,
  isIdempotent: () => false, // nobody on the way repeats a command
  isRead: ({ isRead }) => isRead,
  isDone: (code) => (code === done ? true : isRefusal(code) ? false : undefined),
  lengthsIn: () => [],
  codeOf: (reply) => (reply.kind === 'status' ? reply.status : isRefused(reply) ? refused : done),
  bodyBytesOf: () => undefined,
  requestBytesOf: () => undefined,
  arriving: (request) => request,
  replyInstead: ({ status }) => ({ kind: 'status', status }),
  replyOfFailure: () => ({ kind: 'unknown connection' }),
  replyOfOverload: () => ({ kind: 'status', status: 503 }),
  damaged: (reply) => reply,
  brokenOff: (reply) => reply,
  trickled: (reply) => reply,
  relayed: (reply) => reply,
}

/** The same for what may wait as long as it likes, as BLPOP does. */
export const waitingProtocol: Protocol<RedisRequest, RedisReply> = { ...redisProtocol, patienceMs: Infinity }

/** Such commands wait for what others do. */
export function mayWait({ name, args }: RedisCommand): boolean {
  return /^(?:bl(?:pop|move|mpop)|br(?:pop|poplpush)|bz|wait)/.test(name) || (/^xread/.test(name) && args.some(isBlock))
}

function isBlock(arg: Buffer): boolean {
  return /^block$/i.test(String(arg))
}

/** What a client says of itself, and of its connection. */
export function isOfConnection({ name }: RedisCommand): boolean {
  return /^(?:auth|client|hello|info|select|readonly|readwrite|command)$/.test(name)
}

function operationOf(commands: readonly RedisCommand[]): string {
  const [first] = commands
  if (first !== undefined && commands.every(isOfConnection)) return first.name.toUpperCase()
  return commands
    .map(({ name, args: [subcommand] }) => {
      const words = grouped.test(name) ? `${name} ${String(subcommand)}` : name
      return words.toUpperCase()
    })
    .join(' ')
}

/** Their first argument says what they do. */
const grouped = /^(?:xgroup|xinfo|pubsub|script|function|config|object|memory)$/

function isRefused(reply: RedisReply): boolean {
  if (reply.kind !== 'answered') return true
  // Clients try what an older server does not know, and go on
  return !reply.isTalk && reply.answers.some(({ value }) => value?.kind === 'error')
}

/** Of a transaction, that of EXEC; nothing where it says no more than OK. */
function resultOf(answers: readonly RedisAnswer[]): { readonly value: unknown } | undefined {
  const value = answers.at(-1)?.value
  return value === undefined || value.kind === 'simple-string' ? undefined : { value: plain(value) }
}

function plain(value: NonNullable<RedisAnswer['value']>): unknown {
  switch (value.kind) {
    case 'array':
    case 'set':
    case 'push':
      return value.items.map(plain)
    case 'map':
    case 'map-pairs':
    case 'flat-pairs':
      return value.entries.map(([key, of]) => [plain(key), plain(of)])
    case 'null':
    case 'null-array':
      return null
    case 'error':
      return `${value.code ?? 'ERR'} ${value.message}`
    case 'bulk-string':
      return value.value === null ? null : String(value.value)
    case 'verbatim':
      return String(value.value)
    case 'integer':
    case 'big-number':
      return Number(value.value)
    default:
      return value.value
  }
}

/** How a connection ends, as the sockets of a client say it. */
export function brokenBy(failure: CallFailure, isNew: boolean): Error {
  // Whoever is connected already is told by a reset that nobody listens any more
  const [message, code] = failure === 'refused' && !isNew ? failures.reset : failures[failure]
  return Object.assign(new Error(message), { code })
}

const failures: Readonly<Record<CallFailure, readonly [message: string, code: string]>> = {
  refused: ['connect ECONNREFUSED', 'ECONNREFUSED'],
  notFound: ['getaddrinfo ENOTFOUND', 'ENOTFOUND'],
  tryAgain: ['getaddrinfo EAI_AGAIN', 'EAI_AGAIN'],
  unreachable: ['connect ETIMEDOUT', 'ETIMEDOUT'],
  reset: ['read ECONNRESET', 'ECONNRESET'],
  closed: ['read ECONNRESET', 'ECONNRESET'],
  timeout: ['read ETIMEDOUT', 'ETIMEDOUT'],
}

/**
 * What a server says that answers by a fault: one error for each command, after which it may close the connection.
 * Undefined: it says nothing, and the connection is lost.
 */
export function errorOf(status: number): { readonly text: string; readonly closes: boolean } | undefined {
  if (status === 429) return { text: '-ERR max number of clients reached\r\n', closes: true }
  if (status === 503) return { text: '-LOADING Redis is loading the dataset in memory\r\n', closes: false }
  return undefined
}
