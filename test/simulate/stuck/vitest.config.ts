// For what stuck.test.ts runs in a vitest of its own.
import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({ test: { include: ['*.loop.ts'] } })

export default config
