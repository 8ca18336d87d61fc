// The store adapter for a real PostgreSQL server of our own: as many sessions as clients open, one of which runs at a
// time.
import type { Store } from '../../../system/store.ts'
import { describeError } from '../../../plain/describe-error.ts'
import { outsideContext } from '../../../simulate/context.ts'
import { takeContent, type PostgresContent } from '../postgres-content.ts'
import { carriedOutLater, type SqlProcedure } from '../sql-procedure.ts'
import { WireConnection } from '../wire-connection.ts'
import type { Lockstep } from './lockstep.ts'
import { ServerCalls } from './server-calls.ts'
import { clockReaders } from './virtual-catalog.ts'
import { ServerSession } from './server-session.ts'

/** What the user says of it, checked. */
export interface ServerPlace {
  readonly name: string
  readonly leadsHere: (host: string, port: number) => boolean
  readonly maxConnections: number
  readonly seed: (() => unknown) | undefined
}

interface Attached {
  readonly original: PostgresContent
  readonly first: PostgresContent
  readonly calls: ServerCalls
}

/** Servers that are attached. */
const inUse = new WeakSet<Lockstep>()

/** The store. */
export function serverStore(lockstep: Lockstep, { name, leadsHere, maxConnections, seed }: ServerPlace): Store {
  let attached: Attached | undefined
  const ask = <T>(procedure: SqlProcedure<T>): Promise<T> =>
    lockstep.alone(() => carriedOutLater(procedure, (texts) => lockstep.askEach(texts)))
  const putBack = async (content: PostgresContent, sawSchemaChange: boolean): Promise<void> => {
    try {
      await ask(content.restore(sawSchemaChange))
    } catch (error) {
      throw new Error(`postgres("${name}"): the first content could not be put back: ${describeError(error)}`, {
        cause: error,
      })
    }
  }
  return {
    kind: 'store',
    name,
    faults: ['readonly'],
    limits: `what two statements of "${name}" do to each other while both run: one runs at a time`,
    async attach() {
      if (attached !== undefined)
        throw new Error(
          `postgres("${name}"): it is in use by another simulation at this moment. Tests that share a store cannot ` +
            'run at once: not in describe.concurrent, or start a server for each.',
        )
      if (inUse.has(lockstep))
        throw new Error(
          `postgres("${name}"): this server is already registered under another name. List it once in \`stores\`.`,
        )
      const original = await ask(takeContent())
      let first = original
      if (seed !== undefined) {
        try {
          await outsideContext(async () => seed())
          first = await ask(takeContent())
        } catch (error) {
          await ask(original.restore(true))
          throw new Error(
            `postgres("${name}"): seed threw ${describeError(error)}. What it wrote is undone. Create what it names ` +
              'before it, by your migrations.',
            { cause: error },
          )
        }
      }
      await ask(first.fill()) // as it will be at the start of every history
      const [[reads] = []] = await lockstep.alone(() => lockstep.ask(clockReaders))
      inUse.add(lockstep)
      attached = { original, first, calls: new ServerCalls(name, lockstep, maxConnections, reads === 't') }
    },
    async detach() {
      if (attached === undefined) return
      const { original, calls } = attached
      attached = undefined
      inUse.delete(lockstep)
      await calls.renew()
      await putBack(original, true)
    },
    async reset() {
      if (attached === undefined) return
      const { first, calls } = attached
      await calls.renew()
      await putBack(first, calls.sawSchemaChange)
      calls.sawSchemaChange = false
    },
    crash: (incarnation) => attached?.calls.crash(incarnation),
    settle: () => undefined,
    accept: ({ host, port, isDetailed }, give) =>
      attached === undefined || !leadsHere(host, port)
        ? undefined
        : new WireConnection(name, new ServerSession(attached.calls), give, isDetailed),
    isOpen: () => false, // who reads from outside sees what was committed
    content: async () => (attached === undefined ? {} : ask(attached.first.byTable())),
  }
}
