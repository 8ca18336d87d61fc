// Checks the types of the parts of a system, which may come from plain JavaScript. Must not know how a system runs.
import { assertList, assertNumber, assertType, foundWords, isRecord } from '../plain/options.ts'
import { mostSimilar } from '../plain/suggestion.ts'

/** Refuses a misspelt part, which would be ignored, and a part of a wrong type. */
export function assertParts(given: object, known: readonly string[]): void {
  assertNames(given, known)
  const system: { readonly [part: string]: unknown } = { ...given }
  assertEach('operations', system['operations'], 'operation', '[op(...)]')
  assertEach('probe', system['probe'], 'operation', '[op(...)]')
  assertEach('invariants', system['invariants'], 'invariant', '[noHang()]')
  assertEach('stores', system['stores'], 'store', '[map(...)]')
  if (Array.isArray(system['nodes'])) throw new Error('nodes is a list; give names: { shop: serve(() => app) }.')
  if (system['outside'] === null || !['object', 'undefined'].includes(typeof system['outside']))
    throw new Error(
      `outside is ${foundWords(system['outside'])}; give what setupServer(...) returned, or a list of msw handlers.`,
    )
  const stub: unknown = Array.isArray(system['outside'])
    ? system['outside'].find((one: unknown) => !isRecord(one))
    : undefined
  if (stub !== undefined)
    throw new Error(
      `outside holds ${foundWords(stub)}, and no handler of msw; give [http.get(...)], as setupServer(...) takes them.`,
    )
  assertType('recover', system['recover'], 'function', 'the procedure as a function: () => mendOrders(db)')
  assertNumber('clients', system['clients'], 'a whole number from 1')
  assertNumber('maxOperations', system['maxOperations'], 'a whole number from 1')
  assertNumber('faultsForMs', system['faultsForMs'], 'milliseconds from 0')
  assertNumber('recoverForMs', system['recoverForMs'], 'milliseconds from 0')
}

const options: ReadonlySet<string> = new Set(['numRuns', 'seed', 'timeout', 'timeLimitMs', 'saved', 'shrink'])

/** Unknown parts that resemble no known part may be there for the caller's own use. */
function assertNames(given: object, known: readonly string[]): void {
  for (const part of Object.keys(given)) {
    if (options.has(part))
      throw new Error(
        `The system has "${part}", which is an option: write it beside the system, as in ` +
          `testResilience(name, { ${part} }, system).`,
      )
    const meant = known.includes(part) ? undefined : mostSimilar(part, known)
    if (meant !== undefined) throw new Error(`The system has "${part}", which no system has. Did you mean "${meant}"?`)
  }
}

function assertEach(part: string, list: unknown, kind: 'operation' | 'invariant' | 'store', example: string): void {
  assertList(part, list, example)
  for (const [index, item] of ((list ?? []) as readonly unknown[]).entries()) {
    const found = typeof item === 'object' && item !== null && 'kind' in item ? item.kind : undefined
    if (found === kind) continue
    const words = typeof found === 'string' ? `of the kind "${found}"` : foundWords(item)
    const advice =
      typeof found === 'string' && /-operation$/.test(found)
        ? 'give the operation itself, without .by(...) or .as(...).'
        : `give ${part}: ${example}.`
    throw new Error(`${part}[${index}] is ${words}, and no ${kind}; ${advice}`)
  }
}
