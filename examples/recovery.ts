// A recovery that never comes (PHENOMENA 20): two replicas, and each write is pushed to the other one, once. The push
// is lost; the network heals, all is well again, and they differ for ever, since nobody looks once more. No fault is
// left, only its trace. The sound twin does not trust its pushes: every minute each replica sends the other all that it
// has, and merges what it gets (anti-entropy, Demers et al. 1987). It may fail as often as it likes, as long as it goes
// on.
import * as fc from 'fast-check'
import { Hono } from 'hono'
import { convergence, map, op, rows, serve, type System } from 'two-generals'

interface Note {
  readonly id: string
  readonly text: string
}

type Side = 'left' | 'right'

const notes = { left: new Map<string, Note>(), right: new Map<string, Note>() }
const other = { left: 'right', right: 'left' } as const

/** Sends notes to the other side; whether they arrived, nobody hears. */
async function push(side: Side, some: readonly Note[]): Promise<void> {
  await fetch(`http://${other[side]}/merge`, {
    method: 'POST',
    body: JSON.stringify(some),
    signal: AbortSignal.timeout(5_000),
  }).catch(() => undefined)
}

/**
 * Pushes a note when it is written, and forgets about it. A note is never changed, so that merging adds what is
 * missing.
 */
export function pushing(side: Side): Hono {
  const mine = notes[side]
  return new Hono()
    .put('/notes', async (c) => {
      const note = await c.req.json<Note>()
      mine.set(note.id, note)
      await push(side, [note])
      return c.json(note)
    })
    .post('/merge', async (c) => {
      for (const note of await c.req.json<readonly Note[]>()) if (!mine.has(note.id)) mine.set(note.id, note)
      return c.body(null, 204)
    })
}

const everyMs = 60_000

/** The same, and every minute all that it has. */
export function reconciling(side: Side): Hono {
  setInterval(() => void push(side, [...notes[side].values()]), everyMs)
  return pushing(side)
}

const write = op('write', fc.record({ id: fc.uuid(), text: fc.constantFrom('hello', 'goodbye') }), (note) =>
  fetch('http://left/notes', { method: 'PUT', body: JSON.stringify(note), signal: AbortSignal.timeout(20_000) }),
)
const left = rows('left', () => [...notes.left.values()])
const right = rows('right', () => [...notes.right.values()])

/** Two replicas that are equal in the end, and have what was answered ok, whichever twin they are. */
export function replicating(replica: (side: Side) => Hono): System {
  return {
    nodes: { left: serve(() => replica('left')), right: serve(() => replica('right')) },
    stores: [map(notes.left, { name: 'left notes' }), map(notes.right, { name: 'right notes' })],
    operations: [write],
    invariants: [
      convergence(
        [left.by(({ id }) => id), right.by(({ id }) => id)],
        write.by(({ id }) => id),
      ),
    ],
  }
}
