// Randomness of user code, drawn from the history's seed: Math.random, crypto.getRandomValues and randomUUID, and the
// random functions of node:crypto. Natives that check their arguments are called first, so that errors are Node's own.
// Keys (generateKey, generateKeyPair, generatePrime) stay truly random: real-work.ts only orders their results.
import nodeCrypto from 'node:crypto'
import { current, isDead, outsideContext, type Context } from '../context.ts'
import { drawBytes, drawFraction } from './draw.ts'
import { replace, type Callable } from './replace.ts'

/** Patches the sources of randomness. */
export function installRandom(): void {
  replace([Math], 'random', (native) => () => {
    const context = current()
    return context === undefined ? native() : drawFraction(context, 'Math.random')
  })
  const webCryptos = [nodeCrypto.webcrypto, globalThis.crypto]
  replace(webCryptos, 'getRandomValues', (native) => fillsWithDraws(native, 'crypto.getRandomValues'))
  replace([...webCryptos, nodeCrypto], 'randomUUID', (native) => uuids(native, 'crypto.randomUUID', () => undefined))
  replace([...webCryptos, nodeCrypto], 'randomUUIDv7', (native) => uuids(native, 'crypto.randomUUIDv7', stampTime))
  const fillSync = nodeCrypto.randomFillSync as Callable // checks the same arguments as randomFill
  replace([nodeCrypto], 'randomFillSync', (native) => fillsWithDraws(native, 'crypto.randomFillSync'))
  replace([nodeCrypto], 'randomFill', (native) => randomFill(native, fillsWithDraws(fillSync, 'crypto.randomFill')))
  replace([nodeCrypto], 'randomBytes', randomBytes)
  replace([nodeCrypto], 'randomInt', randomInt)
}

/** Calls a native that fills its argument, and then overwrites that with drawn bytes. */
function fillsWithDraws(native: Callable, source: string): Callable {
  return function (target, offset, size) {
    const context = current()
    if (context === undefined) return native.call(this, target, offset, size)
    const filled = outsideContext(() => native.call(this, target, offset, size))
    // The cast holds: the native has accepted it
    drawBytes(context, source, part(target as ArrayBufferView | ArrayBuffer, offset, size))
    return filled
  }
}

/** The bytes that an offset and a size select, both counted in elements. */
function part(target: ArrayBufferView | ArrayBuffer, offset: unknown, size: unknown): Uint8Array {
  const element: unknown = Reflect.get(target, 'BYTES_PER_ELEMENT')
  const scale = typeof element === 'number' ? element : 1
  const start = typeof offset === 'number' ? offset * scale : 0
  const length = typeof size === 'number' ? size * scale : target.byteLength - start
  return ArrayBuffer.isView(target)
    ? new Uint8Array(target.buffer, target.byteOffset + start, length)
    : new Uint8Array(target, start, length)
}

function randomFill(native: Callable, fill: Callable): Callable {
  return (...args) => {
    const context = current()
    const callback = args.at(-1)
    if (context === undefined || typeof callback !== 'function') return native(...args)
    const [target, offset, size] = args.slice(0, -1)
    fill(target, offset, size)
    return callBackLater(context, () => (callback as Callable)(null, target))
  }
}

function randomBytes(native: Callable): Callable {
  return (size, callback) => {
    const context = current()
    if (context === undefined || (callback !== undefined && typeof callback !== 'function'))
      return native(size, callback)
    const bytes = outsideContext(() => native(size)) as Buffer // without a callback
    drawBytes(context, 'crypto.randomBytes', bytes)
    return typeof callback === 'function' ? callBackLater(context, () => (callback as Callable)(null, bytes)) : bytes
  }
}

function randomInt(native: Callable): Callable {
  return (...args) => {
    const context = current()
    const callback = args.find((arg) => typeof arg === 'function')
    if (context === undefined || (callback === undefined && args[2] !== undefined)) return native(...args)
    const [first, second] = args.filter((arg) => arg !== callback)
    outsideContext(() => native(first, second)) // throws Node's own error for bad bounds
    const [low, high] = second === undefined ? [0, Number(first)] : [Number(first), Number(second)]
    const drawn = low + Math.floor(drawFraction(context, 'crypto.randomInt') * (high - low))
    return typeof callback === 'function' ? callBackLater(context, () => (callback as Callable)(null, drawn)) : drawn
  }
}

/** Passes a result to a callback as a step of its own. A dead life gets none. */
function callBackLater(context: Context, run: () => void): undefined {
  if (!isDead(context.life)) context.host.soon(context, run)
  return undefined
}

/** RFC 9562: sixteen drawn bytes with version and variant. The version is taken from a UUID that the native makes. */
function uuids(native: Callable, source: string, stamp: (bytes: Uint8Array, context: Context) => void): Callable {
  return function (options) {
    const context = current()
    if (context === undefined) return native.call(this, options)
    const version = String(outsideContext(() => native.call(this, options))).charAt(14)
    const bytes = new Uint8Array(16)
    drawBytes(context, source, bytes)
    stamp(bytes, context)
    const hex = Buffer.from(bytes).toString('hex')
    const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16)
    const groups = [hex.slice(0, 8), hex.slice(8, 12), version + hex.slice(13, 16), variant + hex.slice(17, 20)]
    return [...groups, hex.slice(20)].join('-')
  }
}

function stampTime(bytes: Uint8Array, context: Context): void {
  Buffer.from(bytes.buffer).writeUIntBE(context.host.wallMs(context.life), 0, 6)
}
