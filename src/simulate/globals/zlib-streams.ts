// The streams of node:zlib in a simulation: createGzip and its siblings, and CompressionStream, which Node builds on
// them. Each chunk is processed synchronously instead of in a thread, and its result arrives as a step of its own, so
// that no thread decides when bytes arrive.
import zlib from 'node:zlib'
import { current, isDead, type Context } from '../context.ts'
import { replace, type Callable } from './replace.ts'

/** One factory for each native class that does the compression (called engine here). */
const factories = [
  'createGzip',
  'createBrotliCompress',
  'createBrotliDecompress',
  'createZstdCompress',
  'createZstdDecompress',
]

/** Patches the engines that the streams use, so that a factory that was imported earlier is simulated, too. */
export function installZlibStreams(): void {
  for (const name of factories) {
    const create: unknown = Reflect.get(zlib, name)
    if (typeof create !== 'function') continue // no Zstandard before Node 22.15
    const stream = (create as () => zlib.Gzip)()
    const engine: object = Reflect.get(stream, '_handle') as object // it exists until the stream is closed
    const prototype = Object.getPrototypeOf(engine) as object // the prototype of a class that Node does not export
    stream.close()
    replace([prototype], 'init', rememberingCallback)
    replace([prototype], 'write', workingAtOnce)
  }
}

/** For each engine: the callback that Node gave it, and the context that made its stream. */
const owners = new WeakMap<object, { readonly callback: Callable; readonly maker: Context | undefined }>()

function rememberingCallback(native: Callable): Callable {
  return function (...args) {
    const callback = args.find((arg) => typeof arg === 'function')
    if (typeof callback === 'function') owners.set(this as object, { callback: callback as Callable, maker: current() })
    return native.apply(this, args)
  }
}

/** The part of an engine that this file uses. */
interface Engine {
  readonly writeSync: Callable
  onerror: Callable
}

function workingAtOnce(native: Callable): Callable {
  return function (...args) {
    const owner = owners.get(this as object) // `this` is the engine
    const context = current() ?? owner?.maker // Node's web streams may lose the context on the way to the engine
    if (context === undefined || owner === undefined) return native.apply(this, args)
    if (isDead(context.life)) return undefined
    return work(context, this as Engine, owner.callback, args)
  }
}

/**
 * Processes a chunk. The engine reports a result or an error synchronously; Node's callback gets it as a step of its
 * own.
 */
function work(context: Context, engine: Engine, callback: Callable, args: readonly unknown[]): void {
  const { onerror } = engine
  let report = callback
  let found: readonly unknown[] = []
  engine.onerror = (...error) => {
    report = onerror
    found = error
  }
  engine.writeSync(...args)
  engine.onerror = onerror
  context.host.soon(context, () => void report.apply(engine, [...found]))
}
