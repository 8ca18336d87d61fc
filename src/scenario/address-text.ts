// The text form of addresses: how they stand in saved files, in the bytes of a history, in identities and in reports.
// The only place that writes or reads it. Saved files of version 1 hold it, so it never changes.
import { pathStepOf, type Address, type PathStep, type Root } from './address.ts'

/** An address as it stands in JSON: its root and the steps of its path are text. */
export interface WrittenAddress extends Omit<Address, 'root' | 'path'> {
  readonly root: string
  readonly path: readonly string[]
}

/** `pay#0`, `boot(shop)` or `tick(shop#0, 3)`. */
export function rootText(root: Root): string {
  switch (root.kind) {
    case 'operation':
      return `${root.operation}#${root.invocation}`
    case 'boot':
      return `boot(${root.node})`
    case 'tick':
      return `tick(${root.node}#${root.timer}, ${root.firing})`
    default:
      throw new Error(
        `An address has the root ${JSON.stringify(root satisfies never)}. Give an object, for example ` +
          `{ kind: 'operation', operation: 'pay', invocation: 0 }.`,
      )
  }
}

/** `client -> shop POST /orders order#0 1`, with `+1` behind it for what the first copy causes. */
export function stepText({ from, to, operation, key, nth, copy }: PathStep): string {
  return (
    `${from} -> ${to} ${operation}${key === undefined ? '' : ` ${key}`} ` +
    `${nth}${copy === undefined ? '' : `+${copy}`}`
  )
}

/** The identity of a causal parent: its root and the calls that lead to it. */
export function parentId(root: Root, path: readonly PathStep[]): string {
  return path.length === 0 ? rootText(root) : `${rootText(root)} | ${path.map(stepText).join(' | ')}`
}

/** The address as one string: the identity that plans are looked up by. */
export function addressId(address: Address): string {
  return `${parentId(address.root, address.path)} | ${stepText(pathStepOf(address))} ${address.leg}`
}

/** The address with its root and path as text, with the fields in the order in which they are written. */
export function writeAddress({ root, path, from, to, operation, key, leg, nth }: Address): WrittenAddress {
  const written = { root: rootText(root), path: path.map(stepText), from, to, operation }
  return key === undefined ? { ...written, leg, nth } : { ...written, key, leg, nth }
}

/** The address that {@link writeAddress} wrote; undefined where its root or a step of its path is no such text. */
export function readAddress({ root: rootWritten, path: pathWritten, ...rest }: WrittenAddress): Address | undefined {
  const root = parseRoot(rootWritten)
  const path = pathWritten.flatMap((step) => parseStep(step) ?? [])
  return root === undefined || path.length < pathWritten.length ? undefined : { root, path, ...rest }
}

/** The root of a text; undefined where the text is none. */
export function parseRoot(text: string): Root | undefined {
  const root = bootIn(text) ?? tickIn(text) ?? operationIn(text)
  return root !== undefined && rootText(root) === text ? root : undefined // `pay#07` is none: it would become `pay#7`
}

function bootIn(text: string): Root | undefined {
  const node = /^boot\((.+)\)$/.exec(text)?.[1]
  return node === undefined ? undefined : { kind: 'boot', node }
}

function tickIn(text: string): Root | undefined {
  const [, node, timer, firing] = /^tick\((.+)#(\d+), (\d+)\)$/.exec(text) ?? []
  return node === undefined ? undefined : { kind: 'tick', node, timer: Number(timer), firing: Number(firing) }
}

function operationIn(text: string): Root | undefined {
  const [, operation, invocation] = /^(.+)#(\d+)$/.exec(text) ?? []
  return operation === undefined ? undefined : { kind: 'operation', operation, invocation: Number(invocation) }
}

/** The step of a text; undefined where the text is none. A key is recognised by its form, that of an alias. */
export function parseStep(text: string): PathStep | undefined {
  const [, from, to, operation, key, nth, copy] =
    /^(.+?) -> (\S+) (.*?)(?: (\S+#\d+))? (\d+)(?:\+(\d+))?$/.exec(text) ?? []
  if (from === undefined || to === undefined || operation === undefined) return undefined
  const step = {
    from,
    to,
    operation,
    ...(key === undefined ? {} : { key }),
    nth: Number(nth),
    ...(copy === undefined ? {} : { copy: Number(copy) }),
  }
  return stepText(step) === text ? step : undefined
}

/** What {@link parseRoot} accepts, for messages. */
export const rootForms = 'what started the chain of calls: "pay#0", "boot(shop)" or "tick(shop#0, 3)"'
/** What {@link parseStep} accepts, for messages. */
export const stepForm = 'a call of the chain: "client -> shop POST /orders order#0 1"'
