// SDKs that are too large to be a dependency of this repository. In the full run they are installed into a temporary
// folder; a quick one uses them where an earlier run has left them there.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { full } from '../../full.ts'

const versions = { stripe: '23.1.0', openai: '6.49.0', '@aws-sdk/client-sqs': '3.1175.0' }

/** The name of an SDK of these. */
export type LargeSdk = keyof typeof versions

const folder = join(tmpdir(), 'two-generals-sdks')

/** Undefined where they are installed; otherwise why they are not. */
export const whyNoSdks: string | undefined = missing()

function missing(): string | undefined {
  if (existsSync(join(folder, 'node_modules/.package-lock.json'))) return undefined
  if (!full) return `${Object.keys(versions).join(', ')} are only installed by npm run test:all`
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: versions }))
  try {
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: folder,
      timeout: 120_000,
      stdio: 'pipe',
    })
    return undefined
  } catch (error) {
    return `npm install in ${folder} failed: ${String(error)}`
  }
}

/** What an SDK exports. */
export function largeSdk(name: LargeSdk): unknown {
  return createRequire(join(folder, 'package.json'))(name)
}
