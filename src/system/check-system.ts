// Whether a system makes sense as a whole: what its types cannot say. Knows nothing of how it runs.
import { foundWords } from '../plain/options.ts'
import type { System } from './system.ts'

/** @throws where a part is empty or out of range, or where two things have one name */
export function checkSystem(system: System): void {
  checkParts(system)
  checkNodes(system)
  checkNames(system)
}

function checkParts({ nodes, operations, invariants }: System): void {
  if (Object.keys(nodes).length === 0)
    throw new Error('The system has no nodes. Give `nodes: { shop: serve(() => app) }`.')
  if (operations.length === 0)
    throw new Error('The system has no operations, so nothing would ever happen. Give `operations: [op(...)]`.')
  if (invariants.length === 0)
    throw new Error('The system has no invariants, so nothing could ever fail. Give e.g. `invariants: [noHang()]`.')
}

function checkNodes({ nodes }: System): void {
  for (const [name, node] of Object.entries<unknown>(nodes)) {
    if (typeof node !== 'object' || node === null || !('boot' in node))
      throw new Error(`nodes: "${name}" is ${foundWords(node)}, and not a node. Write ${name}: serve(() => handler).`)
  }
  for (const name of Object.keys(nodes)) {
    if (!/^[\w.-]+$/.test(name) || name === 'client')
      throw new Error(`nodes: "${name}" cannot be the name of a node: it is a host name, and "client" is taken.`)
  }
}

function checkNames({ nodes, operations, probe = [], invariants, stores = [] }: System): void {
  const origins = Object.entries(nodes).map(([name, { at }]) => at ?? `http://${name.toLowerCase()}`)
  const sources = new Set(invariants.flatMap((invariant) => invariant.effects))
  assertUnique('the origins of nodes', origins)
  assertUnique('operations', nameList([...new Set([...operations, ...probe])]))
  assertUnique('stores and nodes', [...nameList(stores), ...Object.keys(nodes)])
  assertUnique('effects (rows, requests, journal)', nameList([...sources]))
}

function nameList(named: readonly { readonly name: string }[]): readonly string[] {
  return named.map(({ name }) => name)
}

function assertUnique(what: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new Error(
      `${what}: "${twice}" is there twice. Names stand in addresses and stories; give each its own (for a ` +
        'store: { name }).',
    )
}
