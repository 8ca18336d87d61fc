// The entry point 'two-generals/redis': Redis as a store. Nothing in the core imports it.
export { redis, type RedisOptions, type RedisStore } from './store/redis/redis-store.ts'
export type { RedisEntry, RedisPlain, RedisScore, RedisStreamEntry } from './store/redis/redis-content.ts'
export type { RedisVersion } from './store/redis/redis-core.ts'
