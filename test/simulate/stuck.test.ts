// Loops without end, each in a process or a worker of its own: they must be named and ended, and what is merely slow
// must not.
// @module-tag full
import { spawn } from 'node:child_process'
import { relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lineOf, loops, slow } from './stuck/loops.ts'

const root = resolve(import.meta.dirname, '../..')
const folder = relative(root, resolve(import.meta.dirname, 'stuck'))
const plain = `${folder}/plain.ts`
/** Far above what a busy machine makes of a step that only takes 300 ms. */
const patientMs = 1_000
const hastyMs = 400

function stuckAt(does: string, limitMs: number): string {
  return (
    `two-generals: node "shop" is stuck at ${folder}/${lineOf(does)} (in pay#0 | client -> shop POST /pay 1). ` +
    `Nothing else could run for ${limitMs / 1_000} s of real time`
  )
}

describe('in plain Node', () => {
  test.each(Object.keys(loops))('an endless loop of %s is named, and its process ended', async (does) => {
    const { printed, signal } = await node([plain, does], { limitMs: hastyMs })

    expect(printed).toContain(stuckAt(does, hastyMs))
    expect(signal).toBe('SIGTERM')
  })

  test.concurrent.each(Object.keys(slow))(
    'what only goes %s is left alone, however long it takes in sum',
    async (does) => {
      expect(await node([plain, does])).toEqual({ code: 0, signal: null, printed: '38 events\n' })
    },
  )

  test('under a debugger nothing is ended: it may stand at a breakpoint', async () => {
    const { printed, signal } = await node(['--inspect=127.0.0.1:0', plain, 'statements'], {
      limitMs: hastyMs,
      forMs: 2_500,
    })

    expect(printed).not.toContain('is stuck')
    expect(signal).toBe('SIGKILL')
  })

  test.concurrent('an invalid limit is an error, and 0 means no limit', async () => {
    expect((await node([plain, 'slowly'], { limitMs: 'soon' })).printed).toContain(
      'TWO_GENERALS_STUCK_MS is "soon"; give milliseconds of real time, or 0 for no limit.',
    )
    expect(await node([plain, 'slowly'], { limitMs: 0 })).toEqual({ code: 0, signal: null, printed: '38 events\n' })
  })
})

describe.each(['forks', 'threads'])('in the vitest pool %s', (pool) => {
  test('each stuck worker reports it and ends, and the others go on', async () => {
    const { code, printed } = await node(['node_modules/vitest/vitest.mjs', 'run', '--root', folder, '--pool', pool])

    for (const does of ['statements', 'microtasks', 'ticks']) {
      expect(printed).toContain(stuckAt(does, patientMs))
      expect(printed).toMatch(new RegExp(`Worker exited unexpectedly .* while running test file .*${does}.loop.ts`))
    }
    expect(printed).toContain('slowly.loop.ts (1 test)')
    expect(printed).toContain('1 passed (4)')
    expect(code).toBe(1)
  })
})

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly printed: string
}

/** A Node of its own, and how it ended within so many milliseconds. */
function node(
  args: readonly string[],
  { limitMs = patientMs, forMs = 50_000 }: { readonly limitMs?: number | string; readonly forMs?: number } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: {
      ...process.env,
      NO_COLOR: '1',
      NODE_NO_WARNINGS: '1',
      TWO_GENERALS_SEED: '',
      TWO_GENERALS_STUCK_MS: String(limitMs),
    },
    timeout: forMs,
    killSignal: 'SIGKILL',
  })
  let printed = ''
  const hear = (text: Buffer): void => {
    printed += text.toString()
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  return new Promise((ended, failed) => {
    child.on('error', failed)
    child.on('close', (code, signal) => ended({ code, signal, printed }))
  })
}
