// A stale read (PHENOMENA 18): names are written to a primary and read from a replica, which hears of them a moment
// later. Who has just renamed herself sees her old name. The sound twin's browser remembers the version that it has
// seen, and a replica that is older asks the primary.
import * as fc from 'fast-check'
import { actor, map, monotonicReads, readYourWrites, serve, type System } from 'two-generals'

interface Name {
  readonly name: string
  readonly version: number
}

const primary = new Map<'name', Name>()
const replica = new Map<'name', Name>()

const nobody: Name = { name: '', version: 0 }

/** Whoever is renamed is told to the replica half a second later, and again until it is heard. */
async function writeName(request: Request): Promise<Response> {
  if (request.method === 'GET') return Response.json(primary.get('name') ?? nobody)
  const renamed = { name: await request.text(), version: (primary.get('name') ?? nobody).version + 1 }
  primary.set('name', renamed)
  setTimeout(() => void tell(renamed), 500)
  return Response.json(renamed)
}

async function tell(renamed: Name): Promise<void> {
  const heard = await fetch('http://replica/', {
    method: 'PUT',
    body: JSON.stringify(renamed),
    signal: AbortSignal.timeout(1_000),
  }).then(
    ({ ok }) => ok,
    () => false,
  )
  if (!heard) setTimeout(() => void tell(renamed), 1_000)
}

type Reader = (seen: number) => Promise<Name>

/** Whatever the replica has. */
export const asItIs: Reader = async () => replica.get('name') ?? nobody

/** What the replica has, where that is as new as what the reader has seen. */
export const asNewAsSeen: Reader = async (seen) => {
  const known = replica.get('name') ?? nobody
  if (known.version >= seen) return known
  return (await (await fetch('http://primary/', { signal: AbortSignal.timeout(1_000) })).json()) as Name
}

function readName(read: Reader) {
  return async (request: Request): Promise<Response> => {
    if (request.method === 'GET') return Response.json(await read(Number(request.headers.get('seen-version'))))
    const told = (await request.json()) as Name
    if (told.version > (replica.get('name') ?? nobody).version) replica.set('name', told)
    return new Response(null, { status: 204 })
  }
}

/** A browser remembers the newest version that it was shown. */
const browser = actor('browser', () => ({ seen: 0 }))

async function shown(tab: { seen: number }, response: Response): Promise<Name | Response> {
  if (!response.ok) return response
  const name = (await response.json()) as Name
  tab.seen = Math.max(tab.seen, name.version)
  return name
}

const rename = browser.op(
  'rename',
  fc.uuid(),
  async (tab, name) => shown(tab, await fetch('http://primary/', { method: 'PUT', body: name })),
  { timeout: 3_000 },
)
const look = browser.op(
  'look',
  fc.constant(null),
  async (tab) => shown(tab, await fetch('http://replica/', { headers: { 'seen-version': String(tab.seen) } })),
  { timeout: 3_000 },
)

const accesses = [
  rename.as((name) => [['w', 'name', name]] as const),
  look.as(
    (_, answer) =>
      [
        [
          'r',
          'name',
          answer === undefined || !('name' in answer) ? undefined : answer.name === '' ? null : answer.name,
        ],
      ] as const,
  ),
]

/** A primary and a replica that is read in one way or the other. */
export function naming(read: Reader): System {
  return {
    nodes: { primary: serve(() => writeName), replica: serve(() => readName(read)) },
    stores: [map(primary, { name: 'names' }), map(replica, { name: 'copies' })],
    operations: [rename, look],
    invariants: [readYourWrites(accesses), monotonicReads(accesses)],
  }
}
