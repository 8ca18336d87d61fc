// One statement as a call over the link to its database, whichever database that is: an embedded one, or a server.
import type { CallerLine } from '../../simulate/call-details.ts'
import { current, type Context } from '../../simulate/context.ts'
import { linksOf } from '../../simulate/link.ts'
import type { Node } from '../../simulate/node-state.ts'
import type { WireCall } from '../../simulate/protocol.ts'
import type { World } from '../../simulate/world.ts'
import { answerTo, sqlProtocol, type SqlRequest } from '../sql-protocol.ts'
import { connectionError, sqlStateOf } from './connection-error.ts'
import type { OpenTransaction } from './sessions.ts'

/** A statement on its way. */
export interface DatabaseCall extends Omit<SqlRequest, 'run'> {
  /** It changes something, and is neither the start nor the end of a transaction. */
  readonly isWrite: boolean
  readonly context: Context
  /** Who sent it. @default whoever is on the stack */
  readonly at?: CallerLine | undefined
  /** The transaction that it is part of, or opens; a connection that may have one. */
  readonly of: OpenTransaction
  /** A connection may have to be opened for it. */
  readonly connects: boolean
  /** Carries it out. */
  readonly work: () => Promise<unknown>
  /** The database has answered: with a result, or with an error of its own. */
  readonly answer: (how: 'value' | 'threw', result: unknown) => void
  /** The connection is lost, and the open transaction with it. */
  readonly broken: (error: Error) => void
}

/** What the database makes of it. */
export interface TakenStatement extends Pick<WireCall, 'engine' | 'engineDoes'> {
  readonly node: Node
  readonly run: () => Promise<unknown>
  /** The connection is lost: its open transaction is rolled back. */
  readonly lost: () => void
}

/** Sends a statement to its database. */
export function issueStatement(
  world: World,
  { context, at, of, connects, answer, broken, operation, params, isRead }: DatabaseCall,
  { node, run, lost, ...seen }: TakenStatement,
): void {
  of.underWay += 1
  const fail = (error: Error): void => {
    of.underWay -= 1
    lost()
    broken(error)
  }
  linksOf(world).issue(
    world,
    context,
    {
      protocol: sqlProtocol,
      request: { operation, params, isRead, run },
      callee: { node, server: { handle: (_, asked) => answerTo(asked) } },
      answer(reply) {
        if (reply.kind === 'status') {
          const error = connectionError(reply)
          world.printed(context, `${sqlStateOf(error) ?? ''}: ${error.message}`)
          return fail(error)
        }
        of.underWay -= 1
        if (reply.kind === 'value') answer('value', reply.value)
        else answer('threw', reply.error)
      },
      fail: (failure) => fail(connectionError(failure)),
      ...(connects ? {} : { reach: 'kept connection' }),
      ...seen,
    },
    at,
  )
}

/** Something was committed just now, by the database's own code that runs. */
export function committedNow(also?: (world: World) => void): void {
  const context = current()
  if (context === undefined) return
  const world = context.host as World // the only Host that lends contexts is a World
  also?.(world)
  world.committed(context.cause)
  world.lasso.changed()
}

/** A transaction that is about to be opened, or a new connection. */
export function transactionOf(context: Context): OpenTransaction {
  const { life } = context
  return { owner: life.within ?? life, context, underWay: 0, isDirty: false, isOver: false }
}
