// Twins of boundedStaleness and noLostUpdate, written from their definitions: they compare every read with every write,
// and every pair of transactions. Share no code with src/check.
import type { History } from '../../../src/history/history.ts'
import { listsDisagree } from './causal-twin.ts'
import { deedsOf, type Deed, type Said } from './session-twins.ts'

export function stalenessTwin(ms: number): (history: History) => Said {
  return (history) => {
    const { deeds, bad, twice } = deedsOf(history)
    if (twice) return { kind: 'unknown' }
    if (listsDisagree(deeds)) return { kind: 'violated' }
    const timeOf = (seq: number): number => history.events[seq]?.atMs ?? Infinity
    const shown = (read: Deed): readonly unknown[] => read.shows ?? [read.value]
    const thereSince = (key: string, value: unknown): number =>
      value === null
        ? -1
        : Math.min(
            Infinity,
            ...deeds
              .filter(
                (deed) =>
                  deed.known && deed.key === key && (deed.write ? deed.value === value : shown(deed).includes(value)),
              )
              .map(({ end }) => end),
          )
    const overwriting = (read: Deed): number[] =>
      deeds
        .filter((write) => write.write && write.key === read.key && !shown(read).includes(write.value))
        .filter((write) => read.shows !== undefined || write.begin > thereSince(read.key, read.value))
        .map((write) => thereSince(write.key, write.value))
        .filter(Number.isFinite)
    const reads = deeds.filter(({ write }) => !write)
    const stale = reads.filter((read) => overwriting(read).some((since) => timeOf(since) + ms < timeOf(read.begin)))
    const classes = [...bad, ...stale.map(({ key }) => `stale-read ${key}`)]
    if (classes.length > 0) return { kind: 'violated', classes }
    return {
      kind: reads.some((read) => read.value !== null || overwriting(read).some((since) => since < read.begin))
        ? 'holds'
        : 'vacuous',
    }
  }
}

export function lostUpdateTwin(history: History): Said {
  const { deeds, bad, twice } = deedsOf(history)
  if (twice) return { kind: 'unknown' }
  if (listsDisagree(deeds)) return { kind: 'violated' }
  const updates = deeds.filter(
    (read) =>
      !read.write &&
      read.shows === undefined &&
      deeds.some((write) => write.write && within(write, read) && write.step > read.step) &&
      !deeds.some((earlier) => within(earlier, read) && earlier.step < read.step),
  )
  const lost = updates.filter((a) => updates.some((b) => a !== b && a.key === b.key && a.value === b.value))
  const classes = [...bad, ...lost.map(({ key }) => `lost-update ${key}`)]
  if (classes.length > 0) return { kind: 'violated', classes }
  return { kind: updates.length > 0 ? 'holds' : 'vacuous' }
}

function within(a: Deed, b: Deed): boolean {
  return a.transaction === b.transaction && a.key === b.key
}
