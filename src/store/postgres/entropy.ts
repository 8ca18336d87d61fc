// The randomness of PostgreSQL: `gen_random_uuid()` and its kin read a device, which PGlite fills a kilobyte ahead.
// Here it is filled when it is read, so that a simulation's own draws reach it.
import crypto from 'node:crypto'
import type { Pglite } from './pglite.ts'

/** The file system inside PGlite, made by Emscripten: https://emscripten.org/docs/api_reference/Filesystem-API.html */
interface InnerFiles {
  unlink(path: string): void
  createDevice(parent: string, name: string, read: () => number): unknown
}

/** So many bytes are drawn at once: as many as a UUID takes. */
const drawnBytes = 16

/** Lets a database draw its randomness when it needs it. Returns what forgets bytes that were drawn and not used. */
export function drawLate(db: Pglite, name: string): () => void {
  const files = filesOf(db)
  if (files === undefined)
    throw new Error(
      `postgres("${name}"): this version of PGlite does not give access to its files (Module.FS), so that its random ` +
        'numbers would differ from run to run. Use @electric-sql/pglite 0.3 or later.',
    )
  const drawn = new Uint8Array(drawnBytes)
  let left = 0
  files.unlink('/dev/urandom')
  files.createDevice('/dev', 'urandom', () => {
    if (left === 0) {
      crypto.randomFillSync(drawn)
      left = drawnBytes
    }
    left -= 1
    return drawn[left] ?? 0
  })
  return () => {
    left = 0
  }
}

function filesOf(db: Pglite): InnerFiles | undefined {
  const inner: unknown = Reflect.get(db, 'Module')
  const files = typeof inner === 'object' && inner !== null && 'FS' in inner ? inner.FS : undefined
  return typeof files === 'object' && files !== null && 'createDevice' in files && 'unlink' in files
    ? (files as InnerFiles) // both are functions there
    : undefined
}
