// The temporary files that become counterexamples: each is its process' own, and one whose process was killed is swept.
// Real files: never used inside a simulation.
import { readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { threadId } from 'node:worker_threads'

/** Where this thread writes a file before it stands at its place. */
export function temporaryPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}-${threadId}.tmp`)
}

/** Removes those whose process is gone. What cannot be removed stays: it is passed over by all who read the folder. */
export function sweepTemporaryFiles(directory: string): void {
  for (const name of readdirSync(directory)) {
    const pid = /^\..+\.json\.(\d+)-\d+\.tmp$/.exec(name)?.[1]
    if (pid === undefined) continue
    if (isAlive(Number(pid))) continue
    try {
      rmSync(join(directory, name), { force: true })
    } catch {
      // not ours to remove
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code !== 'ESRCH'
  }
}
