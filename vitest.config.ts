import { defineConfig, type ViteUserConfigFnObject } from 'vitest/config'

/** Where the package's own names lead in its tests and examples. */
export const resolve: { readonly alias: Readonly<Record<string, string>> } = {
  alias: {
    'two-generals/as-if-alone': new URL('src/as-if-alone.ts', import.meta.url).pathname,
    'two-generals/conformance': new URL('src/conformance.ts', import.meta.url).pathname,
    'two-generals/jepsen': new URL('src/jepsen.ts', import.meta.url).pathname,
    'two-generals/lambda': new URL('src/lambda.ts', import.meta.url).pathname,
    'two-generals/postgres': new URL('src/postgres.ts', import.meta.url).pathname,
    'two-generals/queues': new URL('src/queues.ts', import.meta.url).pathname,
    'two-generals/redis': new URL('src/redis.ts', import.meta.url).pathname,
    'two-generals/stores': new URL('src/stores.ts', import.meta.url).pathname,
    'two-generals/tolerance': new URL('src/tolerance.ts', import.meta.url).pathname,
    'two-generals/preload': new URL('src/preload.ts', import.meta.url).pathname,
    'two-generals/vitest': new URL('src/vitest.ts', import.meta.url).pathname,
    'two-generals': new URL('src/index.ts', import.meta.url).pathname,
  },
}

const include = ['test/**/*.test.ts', 'examples/**/*.test.ts']
/**
 * These need modules that nobody has loaded yet: to take functions before they are patched, to replace a module, or to
 * measure what clients do over real sockets.
 */
const alone = [
  'test/simulate/globals-{broadcast,canary,identity,msw-2,msw-3,work,zlib}.test.ts',
  'test/store/sqlite-origin.test.ts',
  'test/transport/sockets/sdks.test.ts',
  'test/scenario/fault/added-kind.test.ts',
]

const config: ViteUserConfigFnObject = defineConfig(({ mode }) => ({
  resolve,
  test: {
    maxWorkers: '100%', // vitest leaves one core free, which is half of a machine with two
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The two speeds, see test/full.ts.
    provide: { full: mode === 'full' },
    tags: [{ name: 'full', description: 'takes long: only in npm run test:all', skip: mode !== 'full' }],
    setupFiles: mode === 'full' ? [] : ['./test/quick.ts'],
    globalSetup: ['./test/skipped.ts'],
    projects: [
      // Most files share a worker's modules: a history depends on nothing that an earlier one left behind.
      { extends: true, test: { name: 'shared', include, exclude: alone, isolate: false } },
      { extends: true, test: { name: 'alone', include: alone } },
      {
        extends: true,
        resolve: { alias: { 'node:sqlite': new URL('test/store/better-sqlite.ts', import.meta.url).pathname } },
        test: {
          name: 'better-sqlite3',
          include: ['test/store/sqlite*.test.ts'],
          exclude: ['test/store/sqlite-{origin,sql}.test.ts'], // about what node:sqlite alone does, or about no driver
        },
      },
    ],
  },
}))

export default config
