// CompressionStream and DecompressionStream in a simulation: all input is collected and processed at the end, which a
// compressor is allowed to do. So no thread decides when bytes come. Outside a simulation they are native.
import zlib from 'node:zlib'
import { current, outsideContext } from '../context.ts'
import { imitate, put } from './replace.ts'

type Work = (bytes: Uint8Array) => Uint8Array

const compress: Readonly<Record<string, Work>> = {
  gzip: zlib.gzipSync,
  deflate: zlib.deflateSync,
  'deflate-raw': zlib.deflateRawSync,
  brotli: zlib.brotliCompressSync,
}
const decompress: Readonly<Record<string, Work>> = {
  gzip: zlib.gunzipSync,
  deflate: zlib.inflateSync,
  'deflate-raw': zlib.inflateRawSync,
  brotli: zlib.brotliDecompressSync,
}

/** Patches both streams. */
export function installCompression(): void {
  installStream('CompressionStream', compress)
  installStream('DecompressionStream', decompress)
}

function installStream(name: 'CompressionStream' | 'DecompressionStream', works: Readonly<Record<string, Work>>): void {
  const Native: new (format: CompressionFormat) => object = globalThis[name]
  function SimulatedStream(format: CompressionFormat): object {
    const work = Object.hasOwn(works, format) ? works[format] : undefined
    // Throws what the native throws: a class needs new
    if (new.target === undefined) return Reflect.apply(Native, undefined, [format]) as never
    // The cast holds: constructing a class gives an object
    if (current() === undefined || work === undefined) return Reflect.construct(Native, [format], new.target) as object
    return held(work)
  }
  imitate(SimulatedStream, Native)
  Reflect.defineProperty(SimulatedStream, 'prototype', { value: Native.prototype, writable: false })
  put(globalThis, name, SimulatedStream)
}

function held(work: Work): TransformStream<Uint8Array | ArrayBuffer, Uint8Array> {
  const chunks: Uint8Array[] = []
  return new TransformStream({
    transform: (chunk) => void chunks.push(chunk instanceof ArrayBuffer ? new Uint8Array(chunk) : chunk),
    flush: (controller) => controller.enqueue(worked(work, Buffer.concat(chunks))),
  })
}

function worked(work: Work, bytes: Uint8Array): Uint8Array {
  try {
    return new Uint8Array(outsideContext(() => work(bytes)))
  } catch (error) {
    throw new TypeError('The data is not valid in this format.', { cause: error })
  }
}
