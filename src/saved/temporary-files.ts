// The temporary files that become counterexamples. Each belongs to one process; if that was killed, the file is removed
// later. Real files: never used inside a simulation.
import { readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { threadId } from 'node:worker_threads'

/** Where this thread writes a file before renaming it. */
export function temporaryPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}-${threadId}.tmp`)
}

/**
 * Removes the temporary files of processes that have ended. A file that cannot be removed stays: readers of the folder
 * ignore it.
 */
export function sweepTemporaryFiles(directory: string): void {
  for (const name of readdirSync(directory)) {
    const pid = /^\..+\.json\.(\d+)-\d+\.tmp$/.exec(name)?.[1]
    if (pid === undefined) continue
    if (isAlive(Number(pid))) continue
    try {
      rmSync(join(directory, name), { force: true })
    } catch {
      // it may belong to another user
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
