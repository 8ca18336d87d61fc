// The entry point 'two-generals/postgres': an embedded PostgreSQL as a store. Nothing in the core imports it.
export { postgres, type PostgresOptions } from './store/postgres/pglite-store.ts'
export type { Pglite } from './store/postgres/pglite.ts'
