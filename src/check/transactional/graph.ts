// The graph of dependencies: which transaction must come before which. Plain arrays, so that a million transactions fit
// in memory. Besides transactions there are meeting points: every edge into a meeting point continues along every edge
// out of it, so that m readers and n writers need m + n edges. Must not know anomalies.

/**
 * What the target did: `ww`: it wrote the next version; `wr`: it read the version that the source wrote; `rw`: it
 * overwrote the version that the source read; `on`: the edge leaves a meeting point.
 */
export type EdgeKind = 'ww' | 'wr' | 'rw' | 'session' | 'real time' | 'on'

export const edgeKinds: readonly EdgeKind[] = ['ww', 'wr', 'rw', 'session', 'real time', 'on']

/** A graph. Edges are numbers. */
export interface Graph {
  /** Transactions first, by id; then meeting points. */
  readonly nodes: number
  readonly edges: number
  readonly from: Int32Array
  readonly to: Int32Array
  /** The index in {@link edgeKinds}. */
  readonly kind: Uint8Array
  /** The index of the version that the edge starts from, or -1. */
  readonly version: Int32Array
  /**
   * The index in the version's `next`, or -1. If the edge leads to a meeting point, the edge that leaves it has the
   * index.
   */
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
