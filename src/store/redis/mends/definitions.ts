// Mends js-redis-server 0.3.0: commands that answer otherwise than Redis 7.0 does.
import type {
  CommandDefinition,
  CommandExecutor,
  CommandRegistry,
  RedisCommandError,
  RedisResult,
} from 'js-redis-server/core'
import type * as Core from 'js-redis-server/core'

type CarryOut = CommandDefinition['execute']
type Value = Core.RedisResult['value']

/** What is asked of a stream that is not there, or of a group of it. */
const needsStream =
  'The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to ' +
  'create an empty stream automatically.'

/** Changes an executor in place. */
export function mendDefinitions(core: typeof Core, executor: CommandExecutor): void {
  const registry = Reflect.get(executor, 'registry') as CommandRegistry // js-redis-server keeps it there
  const change = (name: string, how: (native: CarryOut) => CarryOut): void => {
    const found = registry.get(name)
    if (found !== undefined) registry.override({ ...found, execute: how(found.execute.bind(found)) })
  }
  // Nothing is acknowledged where there is no such group
  change('xack', (native) => orElse(native, 'NOGROUP', () => core.RedisResult.create(core.RedisValue.integer(0))))
  change('xgroup', (native) => (args, context) => {
    const { args: asked } = args as { readonly args: { readonly key?: Buffer; readonly subcommand?: string } }
    const { key, subcommand } = asked
    return subcommand !== 'create' && key !== undefined && context.db.getType(key) === null
      ? core.RedisResult.error(needsStream, 'ERR')
      : native(args, context)
  })
  // Who reads or claims nothing does not become a consumer
  const got = (value: Value): boolean => value.kind === 'array' && value.items.length > 0
  change('xclaim', (native) => forgetful(core, native, got))
  change('xautoclaim', (native) =>
    forgetful(core, native, (value) => value.kind === 'array' && got(value.items[1] ?? value)),
  )
  change('xreadgroup', (native) => forgetful(core, native, (value) => 'items' in value || 'entries' in value))
  // There is no list of consumers where nothing is pending
  change('xpending', (native) => (args, context) => {
    const result = native(args, context)
    if (!(result instanceof core.RedisResult) || result.value.kind !== 'array') return result
    const [count, first, last, consumers] = result.value.items
    const isEmpty = consumers?.kind === 'array' && consumers.items.length === 0 && count?.kind === 'integer'
    if (!isEmpty || first === undefined || last === undefined) return result
    return core.RedisResult.create(core.RedisValue.array([count, first, last, core.RedisValue.nullArray()]))
  })
  queueWhatFailsLater(core, executor)
}

/** What commands of consumers are given. */
interface OfConsumer {
  readonly key?: Buffer
  readonly streams?: readonly { readonly key: Buffer; readonly id: unknown }[]
  readonly group: Buffer
  readonly consumer: Buffer
}

/** Forgets a consumer that a command has made known, and that got nothing by it, or nothing yet. */
function forgetful(core: typeof Core, native: CarryOut, got: (value: Value) => boolean): CarryOut {
  return (args, context) => {
    const { db } = context
    const { key, streams = [], group, consumer } = (args as { readonly args: OfConsumer }).args
    const news = streams.filter(({ id }) => id === '>') // who reads its own again is one in any case
    const [groupId, consumerId] = [group.toString('hex'), consumer.toString('hex')]
    const isUnknown = (one: Buffer): boolean =>
      db.getType(one) === 'stream' && db.getStream(one)?.groups.get(groupId)?.consumers.has(consumerId) === false
    const unknown = [...(key === undefined ? [] : [key]), ...news.map((stream) => stream.key)].filter(isUnknown)
    const result = native(args, context)
    if (result instanceof core.RedisResult && got(result.value)) return result
    for (const one of unknown)
      db.updateStream(one, (stream) => {
        const of = stream.value.groups.get(groupId)
        if (of !== undefined) stream.deleteConsumer(of, consumerId)
      })
    return result
  }
}

/** Redis takes it before and after the limits of the stream. */
function inOrder(command: string, args: readonly Buffer[]): readonly Buffer[] {
  const at = command === 'xadd' ? args.slice(0, 6).findIndex((arg) => /^nomkstream$/i.test(String(arg))) : -1
  const [key, option] = [args[0], args[at]]
  if (at < 2 || key === undefined || option === undefined) return args
  return [key, option, ...args.slice(1, at), ...args.slice(at + 1)]
}

function orElse(native: CarryOut, code: string, instead: () => RedisResult): CarryOut {
  return (args, context) => {
    try {
      return native(args, context)
    } catch (error) {
      if ((error as Partial<RedisCommandError>).code === code) return instead()
      throw error
    }
  }
}

/** In a transaction Redis looks at the number of arguments alone: what they say is wrong shows as it is executed. */
function queueWhatFailsLater(core: typeof Core, executor: CommandExecutor): void {
  const native = executor.plan.bind(executor)
  executor.plan = (command, given) => {
    const name = String(command).toLowerCase()
    const args = inOrder(name, given)
    try {
      return native(command, args)
    } catch (error) {
      const definition = executor.getCommandDefinition(name)
      const isOfArguments =
        error instanceof core.RedisCommandError && !(error instanceof core.WrongNumberOfArgumentsError)
      if (definition === undefined || !isOfArguments) throw error
      const execute = (): never => {
        throw error
      }
      return {
        definition: { ...definition, execute },
        args: {},
        keys: [],
        flags: definition.flags,
        rawCommand: Buffer.from(command),
        rawArgs: args.map((arg) => Buffer.from(arg)),
      }
    }
  }
}
