// What happens to a node, in plain words: it starts, crashes, pauses, goes on. Must not know the page.
import type { NodeEvent } from '../history/history.ts'
import type { Point } from './row.ts'
import type { Trail } from './trail.ts'

/** The row of a node's event. A first boot is shown only if a fault hit it, or if the reason points at it. */
export function lifePoint(trail: Trail, event: NodeEvent, isPointed: boolean): Point | undefined {
  const pointOf = (sign: Point['sign'], words: string): Point => ({
    kind: 'point',
    node: event.node,
    sign,
    pieces: [{ text: words, tone: sign === 'o' ? 'plain' : 'bad' }],
  })
  if (event.kind === 'signal') return pointOf('X', `gets ${event.signal ?? 'a signal'}`)
  if (event.kind === 'crash') return pointOf('X', endWords(event, isReplaced(trail, event)))
  if (event.kind === 'pause') return pointOf('X', 'pauses')
  if (event.kind === 'resume') return pointOf('o', isReplaced(trail, event) ? 'the old one goes on' : 'goes on')
  const cause = trail.event(event.cause)?.kind
  if (event.recovers === true) return pointOf('o', recoveryWords(event, cause === 'crash'))
  if (event.next === true && cause === 'signal') return pointOf('o', 'is replaced by the next version')
  if (event.incarnation > 1 && (cause === 'pause' || cause === 'signal')) return pointOf('o', 'is replaced')
  if (event.incarnation > 1) return pointOf('o', 'starts again')
  return trail.faultsAt.has(event.seq) || isPointed ? pointOf('o', 'starts') : undefined
}

/** What an operator does by hand. */
function recoveryWords({ incarnation }: NodeEvent, wasInterrupted: boolean): string {
  if (wasInterrupted) return 'runs recover again, from its start'
  return incarnation > 1 ? 'runs recover once more' : 'runs recover'
}

function endWords({ why = 'fault' }: NodeEvent, isOld: boolean): string {
  const whose = isOld ? 'the old one ' : ''
  switch (why) {
    case 'fault':
      return 'crashes'
    case 'SIGKILL':
      return `${whose}is killed`
    case 'SIGTERM':
    case 'SIGINT':
      return `${whose}ends, since nobody listens for ${why}`
    case 'process.exit':
      return `${whose}exits`
    default:
      return `crashes: ${why}`
  }
}

function isReplaced({ events }: Trail, { node, instance, incarnation, seq }: NodeEvent): boolean {
  return events.some(
    (event) =>
      event.kind === 'boot' &&
      event.node === node &&
      event.instance === instance &&
      event.incarnation > incarnation &&
      event.seq < seq,
  )
}
