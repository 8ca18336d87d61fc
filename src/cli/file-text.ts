// The text of a file: a string if it is short, otherwise pieces, since Node's strings are limited to 512 MB. Knows no
// format.
import { closeSync, openSync, readSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import type { TextSource } from '../read/text-lines.ts'

/** How many bytes are read at once. */
const usualPiece = 16 * 2 ** 20

/**
 * The text of a file in UTF-8; `-` is the standard input, which is read once and kept.
 *
 * @throws if the file cannot be read
 */
export function fileText(path: string, pieceBytes: number = usualPiece): TextSource {
  if (path === '-') return wholeIfShort([...piecesOf(0, pieceBytes)])
  const source = { [Symbol.iterator]: () => readPieces(path, pieceBytes) }
  const begin: string[] = []
  for (const piece of source) {
    begin.push(piece)
    if (begin.length === 2) return source
  }
  return wholeIfShort(begin)
}

function wholeIfShort(pieces: readonly string[]): TextSource {
  return pieces.length < 2 ? pieces.join('') : pieces
}

function* readPieces(path: string, pieceBytes: number): Generator<string, void> {
  const file = openSync(path, 'r')
  try {
    yield* piecesOf(file, pieceBytes)
  } finally {
    closeSync(file)
  }
}

/** The pieces of a file; no character is split between two. */
function* piecesOf(file: number, pieceBytes: number): Generator<string, void> {
  const decoder = new StringDecoder('utf8')
  const bytes = Buffer.allocUnsafe(pieceBytes)
  for (;;) {
    const read = filled(file, bytes)
    if (read === 0) break
    yield decoder.write(bytes.subarray(0, read))
  }
  const rest = decoder.end()
  if (rest !== '') yield rest
}

/** Fills the buffer, or reads to the end of the file: a pipe may return less at a time. */
function filled(file: number, bytes: Buffer): number {
  let at = 0
  while (at < bytes.length) {
    const read = readSync(file, bytes, at, bytes.length - at, null)
    if (read === 0) break
    at += read
  }
  return at
}
