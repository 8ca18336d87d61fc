// Finds the line of the user's code that is to blame. The stack is read as text, in which source maps are applied.
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** More frames than any framework has. */
const stackDepth = 200

/** `src/` or `dist/`: this package's own code. Not by a URL: the environment of a test may have a URL of its own. */
const ownFolder = path.join(import.meta.dirname, '../../')

/** Packages that run tests and intercept requests: they may use real timers. */
const runners = /[\\/]node_modules[\\/](?:vitest|@vitest|vite|vite-node|tinypool|birpc|tsx|msw|@mswjs)[\\/]/

/** happy-dom waits by real timers until its page has come to rest, which nobody can notice. */
const pageAtRest = /[\\/]happy-dom[\\/]lib[\\/]async-task-manager[\\/]/

interface Frame {
  readonly file: string
  readonly line: string
}

/** The stack above a function. */
export function callerOf(below: (...args: never[]) => unknown, most: number = stackDepth): Error {
  const depth = Error.stackTraceLimit
  Error.stackTraceLimit = 0 // it would read the stack as it is made, and again below
  const error = new Error('escape')
  Error.stackTraceLimit = most
  Error.captureStackTrace(error, below)
  Error.stackTraceLimit = depth
  return error
}

/** A line, and whose code it belongs to. */
export interface Blame {
  /** `file:line` */
  readonly at: string
  readonly whose: 'user' | 'package' | 'node'
}

/** `file:line` of the first frame of the user's own code, else of a package's, else of Node's public modules. */
export function userFrame(caller: Error): string {
  return blame(caller)?.at ?? 'an unknown place'
}

/** The same, of the user's own code alone. */
export function userLine(caller: Error): string | undefined {
  const found = blame(caller)
  return found?.whose === 'user' ? found.at : undefined
}

/** The frames of the user's own code, innermost first: equal where the same code was called in the same way. */
export function userFrames(caller: Error): string {
  const users = framesOf(caller).filter((one) => !isNode(one) && !isOwn(one) && !isOfPackage(one))
  return users.map(placeOfFrame).join(' < ')
}

/** Whether code that is not Node's own called a function that is no JavaScript, and that made a resource. */
export function isDirectlyNative(init: Error): boolean {
  const below = framesOf(init).find(
    ({ file }) => !isOwn({ file, line: '' }) && !/^node:internal\/async_hooks$/.test(file),
  )
  return below !== undefined && !isNode(below)
}

/**
 * Whether code that is neither Node's nor this package's called a function, maybe by way of an emitter. Reads few
 * frames, without source maps.
 */
export function isCalledByOthers(below: (...args: never[]) => unknown): boolean {
  const { stackTraceLimit } = Error
  const prepareStackTrace: unknown = Reflect.get(Error, 'prepareStackTrace')
  const place: { stack?: unknown } = {}
  Error.stackTraceLimit = 3
  Error.prepareStackTrace = (_, sites) => sites.map((site) => site.getFileName()).find((file) => file !== 'node:events')
  Error.captureStackTrace(place, below)
  const { stack } = place // only now it is made
  Object.assign(Error, { stackTraceLimit, prepareStackTrace })
  if (typeof stack !== 'string') return false
  const frame = { file: pathOfFrame(stack), line: '' }
  return !isNode(frame) && !isOwn(frame)
}

/** The same, and whose code it is. Undefined where no such frame is on the stack. */
export function blame(caller: Error): Blame | undefined {
  const frames = framesOf(caller)
  const others = frames.filter((frame) => !isNode(frame) && !isOwn(frame))
  const users = others.find((frame) => !isOfPackage(frame))
  if (users !== undefined) return { at: placeOfFrame(users), whose: 'user' }
  const [packages] = others
  if (packages !== undefined) return { at: placeOfFrame(packages), whose: 'package' }
  const node = frames.find((frame) => /^node:(?!internal)/.test(frame.file))
  return node === undefined ? undefined : { at: placeOfFrame(node), whose: 'node' }
}

/**
 * `file:line` of the direct caller of a native timer function. Undefined where that is Node, a test runner or this
 * package.
 */
export function timerCaller(caller: Error): string | undefined {
  const direct = framesOf(caller).find(
    (frame) => !/^node:(?:internal\/)?(?:timers|async_hooks|util)(?:\/|$)/.test(frame.file),
  )
  return direct === undefined ||
    isNode(direct) ||
    isOwn(direct) ||
    [runners, pageAtRest].some((own) => own.test(direct.file))
    ? undefined
    : placeOfFrame(direct)
}

function framesOf(caller: Error): Frame[] {
  const frames: Frame[] = []
  for (const text of (caller.stack ?? '').split('\n')) {
    const match = /^\s*at (?:.*? \()?(?:async )?(.+?):(\d+):\d+\)?$/.exec(text)
    if (match !== null) frames.push({ file: pathOfFrame(match[1] ?? ''), line: match[2] ?? '' })
  }
  return frames
}

function pathOfFrame(file: string): string {
  return file.startsWith('file://') ? fileURLToPath(file) : file
}

function isNode(frame: Frame): boolean {
  return frame.file.startsWith('node:')
}

function isOwn(frame: Frame): boolean {
  return frame.file.startsWith(ownFolder)
}

function isOfPackage({ file }: Frame): boolean {
  return /[\\/]node_modules[\\/]/.test(file)
}

function placeOfFrame(frame: Frame): string {
  const relative = path.relative(process.cwd(), frame.file)
  const inside = path.isAbsolute(frame.file) && !relative.startsWith('..')
  return `${inside ? relative : frame.file}:${frame.line}`
}
