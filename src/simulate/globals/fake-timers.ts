// Detects that somebody else replaced the clock or the timers: there cannot be two virtual times. Cheap enough to be
// asked in every step.
import { put } from './replace.ts'

interface PatchedGlobal {
  readonly name: string
  readonly native: unknown
  readonly ours: unknown
}

const names = [
  'Date',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
  'performance',
]
let patchedGlobals: readonly PatchedGlobal[] = []
let seen: Globals | undefined

type Globals = Pick<
  typeof globalThis,
  | 'Date'
  | 'setTimeout'
  | 'setInterval'
  | 'setImmediate'
  | 'clearTimeout'
  | 'clearInterval'
  | 'clearImmediate'
  | 'performance'
>

/** Written out: a loop over names takes ten times as long. */
function inPlace(ours: Globals): boolean {
  return (
    Date === ours.Date &&
    setTimeout === ours.setTimeout &&
    setInterval === ours.setInterval &&
    setImmediate === ours.setImmediate &&
    clearTimeout === ours.clearTimeout &&
    clearInterval === ours.clearInterval &&
    clearImmediate === ours.clearImmediate &&
    performance === ours.performance
  )
}

/** Whether a fake of vitest or @sinonjs/fake-timers is in place. Both mark what they replace. */
export function fakesInPlace(): boolean {
  return names.some((name) => isFake(Reflect.get(globalThis, name)))
}

/** Runs `patch`, and remembers the globals before and after it. */
export function watching(patch: () => void): void {
  const before = names.map((name): unknown => Reflect.get(globalThis, name))
  patch()
  patchedGlobals = names.map((name, i) => ({ name, native: before[i], ours: Reflect.get(globalThis, name) as unknown }))
  seen = { Date, setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate, performance }
}

/** Puts ours back where the native is in place again: vi.useRealTimers restores what it saw when vitest started. */
export function reassert(): void {
  for (const { name, native, ours } of patchedGlobals)
    if (native !== ours && Reflect.get(globalThis, name) === native) put(globalThis, name, ours)
}

/** An error message where the patched clock or timers are no longer in place; otherwise undefined. */
export function fakeTimersMessage(): string | undefined {
  if (seen === undefined) return fakesInPlace() ? message() : undefined
  return inPlace(seen) ? undefined : message()
}

function message(): string {
  const lost = patchedGlobals.filter(({ name, ours }) => Reflect.get(globalThis, name) !== ours).map(({ name }) => name)
  const found =
    lost.length > 0 ? lost.join(', ') : names.filter((name) => isFake(Reflect.get(globalThis, name))).join(', ')
  const culprit = fakesInPlace()
    ? 'fake timers (vi.useFakeTimers or vi.setSystemTime)'
    : 'something other than two-generals'
  return (
    `Cannot simulate: ${found} replaced by ${culprit}. two-generals has a virtual time of its own: call ` +
    'vi.useRealTimers() before the test (at the top of its file, where a set-up file has faked them), and leave ' +
    'fake timers out of handlers.'
  )
}

function isFake(value: unknown): boolean {
  if (typeof value !== 'function') return false
  return Reflect.has(value, 'clock') || Reflect.has(value, 'isFake') || value.name === 'MockDate'
}
