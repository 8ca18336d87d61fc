// One event of a history in one line for people: time, node, and what happened. For places that show no story, as where
// two histories differ. Must not know why it is shown.
import { inspect } from 'node:util'
import { operationOf } from '../scenario/address.ts'
import { faultWords } from '../scenario/fault/registry.ts'
import { clockWords } from '../plain/time.ts'
import type { HistoryEvent, Send } from './history.ts'
import { nodeWords } from './node-words.ts'
import { queueWords } from './queue-words.ts'

/** `0.040 s  shop: answers 201 to POST /orders`. `events`: the history that it belongs to. */
export function eventWords(event: HistoryEvent, events: readonly HistoryEvent[]): string {
  const place = event.node === '' ? '' : `${nodeWords(event.node)}: `
  return `${clockWords(event.atMs)} s  ${place}${whatHappened(event, events)}`
}

function whatHappened(event: HistoryEvent, events: readonly HistoryEvent[]): string {
  switch (event.kind) {
    case 'invoke':
      return `begins ${event.operation} with ${valueText(event.input)}`
    case 'attempt':
      return `makes attempt ${event.attempt}`
    case 'attempt-end':
      return `attempt ${event.attempt} ends with ${event.why}`
    case 'ok':
    case 'fail':
    case 'info':
      return `${event.operation} ends ${event.kind}${because(event.why)}${answered(event.value)}`
    case 'send':
      return sendWords(event)
    case 'arrive':
      return `${legWords(event.cause, events)} arrives${event.late ? ', too late' : ''}`
    case 'queue':
      return `${legWords(events[event.cause]?.cause ?? -1, events)} ${queueWords(event, (seq) => events[seq])}`
    case 'lost':
      return `${legWords(event.cause, events)} never arrives${because(event.why)}`
    case 'store':
      return `${event.write ? 'changes' : 'reads'} ${event.address.to} (${event.address.operation})`
    case 'effect':
      return `"${event.effect}" happens: ${valueText(event.value)}`
    case 'boot':
      return event.recovers === true ? 'runs recover' : 'starts'
    case 'crash':
      return `crashes${because(event.why)}`
    case 'pause':
      return 'pauses'
    case 'resume':
      return 'goes on'
    case 'signal':
      return `gets ${event.signal ?? 'a signal'}`
    case 'threw':
      return `its handler throws ${event.error}`
    case 'fault':
      return faultWords(event.fault)
    case 'heal':
      return 'all faults are over'
    case 'end':
      return `the history ends (${event.reason})`
    default:
      return event satisfies never
  }
}

function sendWords({ address, request, status }: Send): string {
  const asked = `${address.operation}${address.key === undefined ? '' : ` of ${address.key}`}`
  if (request < 0) return `sends ${asked} to ${address.to}${forOperation(address)}`
  return `answers ${status === 0 ? '' : `${status} `}to ${asked}${forOperation(address)}`
}

function forOperation({ root }: Send['address']): string {
  const operation = operationOf(root)
  return operation === undefined ? '' : `, for ${operation}`
}

function legWords(seq: number, events: readonly HistoryEvent[]): string {
  const sent = events[seq]
  if (sent?.kind !== 'send') return 'a message'
  const { address, request } = sent
  return `${request < 0 ? 'the request' : 'the answer to'} ${address.operation}`
}

function because(why: string | undefined): string {
  return why === undefined ? '' : ` (${why})`
}

function answered(value: unknown): string {
  return value === undefined || value === null ? '' : `: ${valueText(value)}`
}

const longestValue = 200

function valueText(value: unknown): string {
  const text = inspect(value, { breakLength: Infinity, compact: true, depth: 4 })
  return text.length > longestValue ? `${text.slice(0, longestValue)}...` : text
}
