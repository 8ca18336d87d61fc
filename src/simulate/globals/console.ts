// The console of code under test: what a simulated node prints becomes a note in the history, not a thousand lines on
// the terminal. Must not know how notes are used.
import { current } from '../context.ts'
import { imitate, put, type Callable } from './replace.ts'

const printing = ['log', 'info', 'debug', 'warn', 'error', 'trace', 'dir'] as const

/** Patches the present console: vitest may have replaced it since the last call. */
export function installConsole(): void {
  for (const name of printing) {
    const native = console[name] as Callable // plain functions, whatever the console
    if (patchedFunctions.has(native)) continue
    const replacement = imitate(function print(this: unknown, ...args: unknown[]): unknown {
      const context = current()
      if (context === undefined) return native.apply(this, args)
      context.host.printed(context, `console.${name}: ${args.map(printedText).join(' ')}`)
      return undefined
    }, native)
    patchedFunctions.add(replacement)
    put(console, name, replacement)
  }
  installStreams()
}

/** Loggers write to the streams themselves, and code may hold on to a `console.log` from before. */
function installStreams(): void {
  const { _stdout, _stderr } = console as { readonly _stdout?: Stream; readonly _stderr?: Stream } // Node's consoles
  for (const stream of [process.stdout, process.stderr, _stdout, _stderr]) {
    const native = stream?.write as Callable | undefined
    if (stream === undefined || native === undefined || patchedFunctions.has(native)) continue
    const replacement = imitate(function write(this: unknown, ...args: unknown[]): unknown {
      const context = current()
      if (context === undefined) return native.apply(this, args)
      const [chunk] = args
      const text = chunk instanceof Uint8Array ? Buffer.from(chunk).toString() : String(chunk)
      context.host.printed(context, `printed: ${text.trimEnd().slice(0, longestText)}`)
      const done = args.at(-1)
      if (typeof done === 'function') (done as () => void)() // streams call it without an error
      return true
    }, native)
    patchedFunctions.add(replacement)
    put(stream, 'write', replacement)
  }
}

interface Stream {
  readonly write?: unknown
}

const patchedFunctions = new WeakSet<object>()
/** A logger's line with an error and its stack: what it is about often comes last. */
const longestText = 5_000

/** One short line, without stacks. */
function printedText(value: unknown): string {
  if (typeof value === 'string') return value.slice(0, longestText)
  if (value instanceof Error)
    return `${value.name}: ${value.message}${value.cause instanceof Error ? ` (${value.cause.message})` : ''}`
  if (typeof value !== 'object' || value === null) return String(value)
  try {
    return JSON.stringify(value)?.slice(0, longestText) ?? ''
  } catch {
    return Object.prototype.toString.call(value) // a cycle: only its class fits into one line
  }
}
