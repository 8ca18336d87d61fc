// Lets plain Node, which strips types by itself, find the package's own name in its sources. Benchmarks run so and not
// under tsx: its keepNames makes every closure call a function, which no user's build does (a fifth of
// throughput-direct).
import { registerHooks } from 'node:module'

const sources: Readonly<Record<string, string>> = {
  'two-generals': new URL('../../src/index.ts', import.meta.url).href,
  'two-generals/vitest': new URL('../../src/vitest.ts', import.meta.url).href,
}

registerHooks({ resolve: (specifier, context, next) => next(sources[specifier] ?? specifier, context) })
