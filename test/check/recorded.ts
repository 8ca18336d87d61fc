// The recorded histories beside the repository, in ../shared/data/linearizability: Jepsen's logs of etcd and
// porcupine's logs of a key-value store, each with the verdict and the time of porcupine. A clone on its own does not
// have them.
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { casRegister } from '../../src/check/models/cas-register.ts'
import { keyValue } from '../../src/check/models/key-value.ts'
import type { History } from '../../src/history/history.ts'
import type { Model } from '../../src/system/model.ts'
import { readHistory } from '../../src/read/read-history.ts'

export const recordedIn: string = resolve(import.meta.dirname, '../../../shared/data/linearizability')

/** The entry of a log in the manifest. */
export interface Recorded {
  readonly file: string
  readonly model: Model<unknown>
  /** Whether it is linearizable. */
  readonly expected: boolean
  /** The time that porcupine needed, on one core of another machine. */
  readonly goMs: number
  readonly history: History
}

interface Entry {
  readonly file: string
  readonly model: 'cas-register' | 'kv-put-append-get'
  readonly init: unknown
  readonly expected: boolean
  readonly goMs: number
}

/** All logs, in the order of the manifest; none if the folder is absent. */
export function recorded(): readonly Recorded[] {
  if (!existsSync(recordedIn)) return []
  const { entries } = JSON.parse(readFileSync(join(recordedIn, 'manifest.json'), 'utf8')) as {
    readonly entries: readonly Entry[]
  } // its schema says so
  return entries.map(({ file, model, init, expected, goMs }) => ({
    file,
    expected,
    goMs,
    model: model === 'cas-register' ? casRegister(init) : keyValue(init),
    history: readHistory(readFileSync(join(recordedIn, file), 'utf8')),
  }))
}
