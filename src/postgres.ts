// The entry point 'two-generals/postgres': a PostgreSQL as a store, embedded or a server of the test's own. Nothing in
// the core imports it.
export { postgres, type PostgresOptions } from './store/postgres/postgres-store.ts'
export type { Pglite } from './store/postgres/pglite.ts'
export {
  startPostgres,
  type PostgresServer,
  type StartPostgresOptions,
} from './store/postgres/server/start-postgres.ts'
