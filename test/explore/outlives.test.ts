// State that nobody registered, and that outlives a history: it is named, and nobody is blamed for the rows that
// earlier histories left.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { assess, exactlyOnce, map, noPhantom, op, rows, serve, type Assessment, type System } from '../../src/index.ts'

interface Row {
  readonly id: string
}

/** Something that rows are kept in, as the test double of a database. */
interface Kept {
  add(id: string): void
  all(): readonly Row[] | Promise<readonly Row[]>
}

function array(): Kept {
  const kept: Row[] = []
  return { add: (id) => void kept.push({ id }), all: () => kept.slice() }
}

/** A client that answers later, as drivers do. */
function client(): Kept {
  const kept = array()
  return { add: (id) => kept.add(id), all: async () => Promise.resolve(kept.all()) }
}

/** It only ever holds one row, whose content changes. */
function replacing(): Kept {
  let last: Row[] = []
  return { add: (id) => void (last = [{ id }]), all: () => last }
}

const put = op('put', fc.uuid(), (id) => fetch('http://store/', { method: 'POST', body: id }), {
  retries: 1,
  timeout: 1_000,
})

function keeping(kept: Kept, parts: Partial<System> = {}, boot: () => void = () => undefined): System {
  const once = async (request: Request): Promise<Response> => {
    const id = await request.text()
    const known = (await kept.all()).some((row) => row.id === id)
    if (!known) kept.add(id)
    return new Response(null, { status: 201 })
  }
  const row = rows('row', () => kept.all())
  return {
    nodes: {
      store: serve(() => {
        boot()
        return once
      }),
    },
    operations: [put],
    invariants: [
      exactlyOnce(
        put.by((id) => id),
        row.by(({ id }) => id),
      ),
    ],
    ...parts,
  }
}

function assessed(system: System): Promise<Assessment> {
  return assess(system, { seed: 1, numRuns: 10 })
}

test.each([
  ['an array', array],
  ['a client that answers later', client],
  ['one row whose content changes', replacing],
])('%s that is not registered is named', async (_, make) => {
  const assessment = await assessed(keeping(make()))
  if (assessment.kind !== 'broken') throw new Error(assessment.kind)
  expect(assessment.text).toMatch(
    /^State outlives a history, .* rows\("row"\) gave .* Register what these rows are read from in `stores`/s,
  )
})

test('also where a sound handler would be found to do things twice', async () => {
  const kept: Row[] = []
  const row = rows('row', () => kept)
  const system: System = {
    nodes: {
      store: serve(() => async (request: Request) => {
        kept.push({ id: await request.text() })
        return new Response(null, { status: 201 })
      }),
    },
    operations: [put],
    invariants: [
      exactlyOnce(
        put.by((id) => id),
        row.by(({ id }) => id),
      ),
    ],
  }
  const assessment = await assessed(system)
  expect(assessment.kind === 'broken' && assessment.text).toMatch(
    'gave 0 rows when the operations of the first history began, and one row when those of a later one did. They ' +
      "differ by\n  { id: '00000000-0000-1000-8000-000000000000' }\n",
  )
})

test('what the node empties as it boots outlives nothing, and neither does what it makes then', async () => {
  let kept = array()
  const current: Kept = { add: (id) => kept.add(id), all: () => kept.all() }
  const none = { tolerates: { except: ['crash', 'pause', 'deploy'] } } as const
  expect((await assessed(keeping(current, none, () => void (kept = array())))).kind).toBe('holds')
})

/** A Map that has a row before anything happens, and what the handler makes of it. */
function seeded(stored: (kept: Map<string, number>, id: string) => void): System {
  const kept = new Map([['seed', 1]])
  const row = rows('row', () => [...kept.keys()])
  const [asked, made] = [put.by((id) => id), row.by((id) => id)] as const
  return {
    nodes: {
      store: serve(() => async (request: Request) => {
        stored(kept, await request.text())
        return new Response(null, { status: 201 })
      }),
    },
    stores: [map(kept)],
    operations: [put],
    invariants: [noPhantom(asked, made), exactlyOnce(asked, made)],
  }
}

test("what a registered store holds from the start is nobody's effect", async () => {
  expect((await assessed(seeded((kept, id) => kept.set(id, 1)))).kind).toBe('holds')
})

test('what comes up beside it from nowhere is found', async () => {
  const assessment = await assessed(
    seeded((kept, id) => {
      kept.set(id, 1)
      kept.set('other', 1)
    }),
  )
  if (assessment.kind !== 'violated') throw new Error(assessment.kind)
  expect(assessment.counterexample.violation.reason).toMatchObject({ kind: 'phantom', subject: 'other' })
})

test("what a node writes as it boots is nobody's effect, unless a crash there makes it write twice", async () => {
  const kept = new Map<string, 1>()
  let boots = 0
  const system: System = {
    nodes: {
      store: serve(() => {
        kept.set(`settings ${++boots}`, 1)
        return async (request: Request) => {
          kept.set(await request.text(), 1)
          return new Response(null, { status: 201 })
        }
      }),
    },
    stores: [map(kept)],
    operations: [put],
    invariants: [
      noPhantom(
        put.by((id) => id),
        rows('row', () => [...kept.keys()].map((key) => key.replace(/ .*/, ''))).by((id) => id),
      ),
    ],
  }
  const sound = await assessed({ ...system, tolerates: ['lose'] })
  expect(sound.kind).toBe('holds')
  const crashing = await assessed({ ...system, tolerates: ['crash'] })
  if (crashing.kind !== 'violated') throw new Error(crashing.kind)
  expect(crashing.counterexample.violation.reason).toMatchObject({ kind: 'phantom', subject: 'settings' })
})
