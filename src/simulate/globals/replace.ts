// Replaces native functions without a visible difference: each native has one replacement wherever it can be reached,
// with the same name, length and symbols (util.promisify.custom). Must not know what is replaced.
import { bug } from '../../plain/bug.ts'

/** Any function, called with any `this`. */
export type Callable = (this: unknown, ...args: unknown[]) => unknown

/** Puts a replacement wherever the owners hold the native. Does nothing where this Node does not have it. */
export function replace(owners: Iterable<object>, name: PropertyKey, make: (native: Callable) => Callable): void {
  const made = new Map<unknown, Callable>()
  for (const owner of new Set(owners)) {
    const native: unknown = Reflect.get(owner, name)
    if (typeof native !== 'function') continue
    const callable = native as Callable // the replaced natives are plain functions, never class constructors
    const replacement = made.get(native) ?? imitate(make(callable), callable)
    made.set(native, replacement)
    put(owner, name, replacement)
  }
}

/** Replaces many functions of one owner in the same way. */
export function replaceAll(
  owner: object,
  names: Iterable<string>,
  make: (native: Callable, name: string) => Callable,
): void {
  for (const name of names) replace([owner], name, (native) => make(native, name))
}

/** Sets a property that is enumerable where the native was, and that others can still change. */
export function put(owner: object, name: PropertyKey, value: unknown): void {
  const enumerable = Object.getOwnPropertyDescriptor(owner, name)?.enumerable ?? false
  if (!Reflect.defineProperty(owner, name, { value, enumerable, writable: true, configurable: true })) {
    bug(`${String(name)} of this Node (${process.version}) cannot be replaced.`)
  }
}

/** Copies all properties of the native to a replacement, except its prototype object. */
export function imitate<F extends object>(replacement: F, native: object): F {
  for (const key of Reflect.ownKeys(native)) {
    const descriptor = Object.getOwnPropertyDescriptor(native, key)
    if (key !== 'prototype' && descriptor !== undefined) Reflect.defineProperty(replacement, key, descriptor)
  }
  return replacement
}
