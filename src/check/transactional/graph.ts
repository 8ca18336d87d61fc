// The graph of dependencies: transactions, and which had to be before which. Plain arrays, so that a million fit.
// Besides transactions there are meeting points: what goes into one goes out to all that follow, so that m readers and
// n writers need m + n edges. Must not know anomalies.

/**
 * `ww`: wrote the next version; `wr`: read what was written; `rw`: wrote over what was read; `on`: leads on from a
 * meeting point.
 */
export type EdgeKind = 'ww' | 'wr' | 'rw' | 'session' | 'real time' | 'on'

export const edgeKinds: readonly EdgeKind[] = ['ww', 'wr', 'rw', 'session', 'real time', 'on']

/** Edges by their number. */
export interface Graph {
  /** Transactions first, by id; then meeting points. */
  readonly nodes: number
  readonly edges: number
  readonly from: Int32Array
  readonly to: Int32Array
  /** Place in {@link edgeKinds}. */
  readonly kind: Uint8Array
  /** The version that the edge comes from, by its position, or -1. */
  readonly version: Int32Array
  /** Which of the version's next, or -1: at a meeting point, said by the edge that leads on. */
  readonly next: Int32Array
}

export interface GraphBuilder {
  point(): number
  edge(kind: EdgeKind, from: number, to: number, version?: number, next?: number): void
  built(): Graph
}

export function graphOf(transactions: number): GraphBuilder {
  let nodes = transactions
  let edges = 0
  let [from, to, version, next] = [
    new Int32Array(1024),
    new Int32Array(1024),
    new Int32Array(1024),
    new Int32Array(1024),
  ]
  let kind = new Uint8Array(1024)
  return {
    point: () => nodes++,
    edge(of, source, target, about = -1, later = -1) {
      if (source === target) return
      if (edges === from.length) {
        ;[from, to, version, next] = [doubled(from), doubled(to), doubled(version), doubled(next)]
        const wider = new Uint8Array(2 * kind.length)
        wider.set(kind)
        kind = wider
      }
      from[edges] = source
      to[edges] = target
      kind[edges] = edgeKinds.indexOf(of)
      version[edges] = about
      next[edges] = later
      edges += 1
    },
    built: () => ({ nodes, edges, from, to, kind, version, next }),
  }
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(2 * array.length)
  wider.set(array)
  return wider
}
