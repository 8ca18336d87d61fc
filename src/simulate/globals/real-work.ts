// Real asynchronous work that is common and harmless: crypto, zlib, reading files, WebAssembly. It is started natively,
// outside the context, and each result comes as a step of its own, in the order of the calls. Synchronous variants run
// at once. escapes.ts sees neither. Generated keys are truly random: nothing seeds OpenSSL.
import nodeCrypto from 'node:crypto'
import fs from 'node:fs'
import zlib from 'node:zlib'
import { current, isDead, neverSettles, outsideContext } from '../context.ts'
import { replace, replaceAll, type Callable } from './replace.ts'

const cryptoCallbacks = [
  'argon2',
  'checkPrime',
  'decapsulate',
  'diffieHellman',
  'encapsulate',
  'generateKey',
  'generateKeyPair',
  'generatePrime',
  'hkdf',
  'pbkdf2',
  'scrypt',
  'sign',
  'verify',
]

const zlibCallbacks = [
  'brotliCompress',
  'brotliDecompress',
  'deflate',
  'deflateRaw',
  'gunzip',
  'gzip',
  'inflate',
  'inflateRaw',
  'unzip',
  'zstdCompress',
  'zstdDecompress',
]

const pathFunctions = ['access', 'lstat', 'readFile', 'readdir', 'readlink', 'realpath', 'stat', 'statfs']

const descriptorFunctions = [
  'close',
  'exists',
  'fchmod',
  'fchown',
  'fdatasync',
  'fstat',
  'fsync',
  'ftruncate',
  'futimes',
  'open',
  'read',
  'readv',
  'write',
  'writev',
]

const handleMethods = [
  'appendFile',
  'chmod',
  'chown',
  'datasync',
  'read',
  'readFile',
  'readv',
  'stat',
  'sync',
  'truncate',
  'utimes',
  'write',
  'writeFile',
  'writev',
]

/** Patches the functions listed above. Any other is an escape. */
export function installRealWork(): void {
  for (const webCrypto of new Set([nodeCrypto.webcrypto, globalThis.crypto])) installSubtle(webCrypto.subtle)
  replaceAll(nodeCrypto, cryptoCallbacks, callbackWork('crypto'))
  replaceAll(nodeCrypto, synchronous(nodeCrypto), atOnce)
  replaceAll(zlib, zlibCallbacks, callbackWork('zlib'))
  replaceAll(fs, [...pathFunctions, ...descriptorFunctions], callbackWork('fs'))
  replace([fs.realpath], 'native', (native) => callbackWork('fs')(native, 'realpath.native'))
  replaceAll(fs.promises, pathFunctions, promisedWork('fs.promises'))
  replace([fs.promises], 'open', openedWork)
  replaceAll(Blob.prototype, ['arrayBuffer', 'bytes', 'text'], promisedWork('blob'))
  replaceAll(WebAssembly, ['compile', 'instantiate'], promisedWork('WebAssembly'))
}

function installSubtle(subtle: object): void {
  const prototype = Object.getPrototypeOf(subtle) as object // of an instance of SubtleCrypto
  const methods = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor')
  replaceAll(prototype, methods, promisedWork('crypto.subtle'))
}

/** All but randomFillSync, which randomness.ts patches. */
function synchronous(owner: object): string[] {
  return Object.keys(owner).filter((name) => name.endsWith('Sync') && name !== 'randomFillSync')
}

function atOnce(native: Callable): Callable {
  return function (...args) {
    return current() === undefined ? native.apply(this, args) : outsideContext(() => native.apply(this, args))
  }
}

function promisedWork(family: string): (native: Callable, name: string) => Callable {
  return (native, name) => {
    const what = `${family}.${name}`
    return function (...args) {
      const context = current()
      if (context === undefined) return native.apply(this, args)
      if (isDead(context.life)) return neverSettles()
      // The cast holds: these natives all return promises
      const work = outsideContext(() => native.apply(this, args)) as Promise<unknown>
      return context.host.await(context, what, work)
    }
  }
}

/** A native whose last argument is a callback. Without one it is synchronous, or throws Node's own error. */
function callbackWork(family: string): (native: Callable, name: string) => Callable {
  return (native, name) => {
    const what = `${family}.${name}`
    return function (...args) {
      const context = current()
      if (context === undefined) return native.apply(this, args)
      const callback = args.at(-1)
      if (typeof callback !== 'function') return outsideContext(() => native.apply(this, args))
      if (isDead(context.life)) return undefined
      const { promise, resolve } = Promise.withResolvers<unknown[]>()
      const started = outsideContext(() =>
        native.apply(this, [...args.slice(0, -1), (...results: unknown[]) => resolve(results)]),
      )
      // On nextTick, so that a callback that throws is an uncaught exception, as it is natively.
      void context.host.await(context, what, promise).then((results) => process.nextTick(callback, ...results))
      return started
    }
  }
}

/**
 * The class of file handles is not exported, so its methods are patched when the first handle is opened. `close` is an
 * own property of each handle.
 */
function openedWork(native: Callable): Callable {
  const open = promisedWork('fs.promises')(native, 'open')
  let patched = false
  return async function (...args) {
    const handle = await open.apply(this, args)
    if (current() === undefined || typeof handle !== 'object' || handle === null) return handle
    replaceAll(handle, ['close'], promisedWork('filehandle'))
    // The cast holds: the prototype of an instance of FileHandle
    if (!patched) replaceAll(Object.getPrototypeOf(handle) as object, handleMethods, promisedWork('filehandle'))
    patched = true
    return handle
  }
}
