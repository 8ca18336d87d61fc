// Whether a system makes sense as a whole: what its types cannot say. Knows nothing of how it runs.
import { operatorName } from '../scenario/address.ts'
import { foundWords, isRecord } from '../plain/options.ts'
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
    throw new Error(
      'The system has no invariants, so nothing could ever fail. Give e.g. `invariants: [noHang()]`; or let ' +
        'testResilience, which needs none, list what it finds.',
    )
  for (const { name, effects } of invariants)
    for (const effect of effects as readonly unknown[])
      if (!isRecord(effect))
        throw new Error(
          `Invariant "${name}" was given ${foundWords(effect)} in the place of an effect. Give rows(...), ` +
            'requests(...), journal(...), or one of these with .by(...).',
        )
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

function checkNames({ nodes, operations, probe = [], recover, invariants, stores = [] }: System): void {
  const origins = Object.entries(nodes).map(([name, { at }]) => at ?? `http://${name.toLowerCase()}`)
  const sources = new Set(invariants.flatMap((invariant) => invariant.effects))
  const ofNodes = Object.keys(nodes)
  refuse(twiceIn(origins), (at) => `Two nodes answer at ${at}. Give one of them another name, or another \`at\`.`)
  refuse(
    twiceIn(nameList([...new Set([...operations, ...probe])])),
    (name) => `Two operations have the name "${name}". Histories tell them apart by it: give each its own.`,
  )
  refuse(
    twiceIn(nameList(stores)),
    (name) => `Two stores have the name "${name}". Give one of them another, as in map(..., { name: "${name}-2" }).`,
  )
  refuse(
    nameList(stores).find((name) => ofNodes.includes(name)),
    (name) =>
      `A node and a store have the same name, "${name}". Each has a column of its own in stories, and faults are ` +
      `addressed by it: name the store otherwise, as in map(..., { name: "${name}-store" }).`,
  )
  refuse(
    recover === undefined
      ? undefined
      : [...ofNodes, ...nameList(stores), ...operations.flatMap(({ provider = [] }) => provider)].find(
          (name) => name === operatorName,
        ),
    (name) => `"${name}" is who runs \`recover\`: give your own node, store or webhook another name.`,
  )
  refuse(
    operations
      .flatMap(({ provider = [] }) => provider)
      .find((name) => [...ofNodes, ...nameList(stores)].includes(name)),
    (name) =>
      `A node or store has the name of a provider, "${name}". Each has a column of its own in stories: name the ` +
      'webhook, or the other one, otherwise.',
  )
  refuse(
    twiceIn(nameList([...sources])),
    (name) => `Two effects (rows, requests, journal) have the name "${name}". Give each its own.`,
  )
}

function nameList(named: readonly { readonly name: string }[]): readonly string[] {
  return named.map(({ name }) => name)
}

function twiceIn(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) !== index)
}

function refuse(name: string | undefined, text: (name: string) => string): void {
  if (name !== undefined) throw new Error(text(name))
}
