// One finding to save, and a folder of its own for each test of a file. For tests only.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import type { TestName } from '../../src/plain/test-name.ts'
import type { Finding } from '../../src/saved/saved-counterexample.ts'
import { invocationRoot, type Address } from '../../src/scenario/address.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { listed } from '../../src/scenario/plan.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'

export const reply: Address = {
  root: invocationRoot('pay', 0),
  path: [],
  from: 'client',
  to: 'shop',
  operation: 'POST /orders',
  key: 'order#0',
  leg: 'reply',
  nth: 1,
}

export const lost: Fault = { kind: 'lose', at: reply }

const payment = { id: 0, operation: 'pay', client: 0, afterMs: 0, input: { order: '3f0c' } }

/** One payment whose reply is lost. */
export const scenario: Scenario = {
  seed: 1,
  workload: { invocations: [payment] },
  plan: listed([lost]),
}

/** The same scenario, where the operation and its input are others. */
export function invoking(change: Partial<typeof payment> | { readonly input: unknown }): Scenario {
  return { ...scenario, workload: { invocations: [{ ...payment, ...change }] } }
}

export const twice: Finding = {
  violated: {
    invariant: 'exactlyOnce(pay, charge)',
    kind: 'too-many',
    of: 'charge',
    text: 'Order order#0 was charged twice.',
  },
  scenario,
  hash: '1a2b3c',
}

/** A test outside all describe blocks. */
export function named(name: string): TestName {
  return { suites: [], name }
}

/** A test file in a folder of its own, made anew for each test of the file that calls this. */
export class TemporaryTestFile {
  folder = ''

  constructor() {
    beforeEach(() => {
      this.folder = mkdtempSync(join(tmpdir(), 'two-generals-'))
      writeFileSync(this.path, '')
    })
    afterEach(() => rmSync(this.folder, { recursive: true, force: true }))
  }

  get path(): string {
    return join(this.folder, 'checkout.test.ts')
  }

  /** Where its counterexamples are. */
  get directory(): string {
    return join(this.folder, '__counterexamples__')
  }

  /** The names of the files there. */
  get saved(): readonly string[] {
    return readdirSync(this.directory).toSorted()
  }

  /** Writes a file there. */
  put(name: string, text: string): string {
    const path = join(this.directory, name)
    mkdirSync(this.directory, { recursive: true })
    writeFileSync(path, text)
    return path
  }
}
