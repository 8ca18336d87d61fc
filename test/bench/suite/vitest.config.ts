// The suite of suite-time: a user's project, in which the package's names lead to its sources.
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { resolve } from '../../../vitest.config.ts'

const config: ViteUserConfig = defineConfig({
  resolve,
  test: { include: ['test/bench/suite/*.suite.ts'], maxWorkers: 2, testTimeout: 60_000 },
})

export default config
