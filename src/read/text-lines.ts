// Splits the text of a file, a string or pieces of one, into lines without keeping them in memory. Knows no format.

/** A text, or its pieces in order. Pieces are read again each time they are iterated. */
export type TextSource = string | Iterable<string>

/** One line of a text, with its number from 1. */
export interface TextLine {
  readonly line: number
  readonly text: string
}

/** The lines of a text, without line ends. They are read again each time they are iterated. */
export function linesOf(source: TextSource): Iterable<TextLine> {
  return { [Symbol.iterator]: () => lineIterator(typeof source === 'string' ? [source] : source) }
}

function* lineIterator(pieces: Iterable<string>): Generator<TextLine, void> {
  let line = 1
  let rest = ''
  for (const piece of pieces) {
    let from = 0
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', from)) {
      yield { line, text: cleaned(rest + piece.slice(from, end), line) }
      rest = ''
      line += 1
      from = end + 1
    }
    rest += piece.slice(from)
  }
  if (rest !== '') yield { line, text: cleaned(rest, line) }
}

/** Removes the byte order mark of a file, and the carriage return of Windows. */
function cleaned(text: string, line: number): string {
  const marked = line === 1 && text.startsWith('\uFEFF') ? text.slice(1) : text
  return marked.endsWith('\r') ? marked.slice(0, -1) : marked
}

/** The whole text. @throws if it is longer than a string can be, with advice what to do */
export function wholeText(source: TextSource): string {
  const text = typeof source === 'string' ? source : concatenated(source)
  return text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
}

function concatenated(pieces: Iterable<string>): string {
  try {
    return Array.from(pieces).join('')
  } catch (error) {
    if (error instanceof RangeError)
      throw new Error(
        'It is longer than 512 MB, the longest text that Node can hold, and only JSON lines, logs and other formats ' +
          'with one operation a line are read piece by piece. Write one operation a line, or split the file by key: ' +
          'keys are judged apart.',
        { cause: error },
      )
    throw error
  }
}
