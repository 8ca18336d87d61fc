// What producers and consumers share: how often and how long a client tries a call, as kafkajs does it. Knows no call.
import { isRecord } from '../../plain/options.ts'
import { running } from '../../transport/provide.ts'
import type { Waits } from './kafka-broker.ts'

/** How long a client waits for an answer, in milliseconds. */
export const requestMs = 30_000
const [firstPauseMs, longestPauseMs, mostTries] = [300, 10_000, 6] as const

/** The pause before a further try: it doubles. In milliseconds. */
export function backOffMs(tries: number): number {
  return Math.min(firstPauseMs * 2 ** (tries - 1), longestPauseMs)
}

/** An answer in time. @throws where there was none after all tries */
export async function tried<T>(call: (waits: Waits) => Promise<T>, withinMs: number = requestMs): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call({ signal: AbortSignal.timeout(withinMs) })
    } catch (error) {
      if (tries === mostTries) throw error
      await sleep(backOffMs(tries))
    }
  }
}

/**
 * Works on each of these, on so many at once. After an error nothing more is begun, and it is thrown when all has ended
 * that was.
 */
export async function atOnce<T>(all: readonly T[], most: number, work: (one: T) => Promise<void>): Promise<void> {
  const left = [...all]
  const errors: unknown[] = []
  const worker = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined && errors.length === 0; one = left.shift())
      await work(one).catch((error: unknown) => errors.push(error))
  }
  await Promise.all(Array.from({ length: Math.min(most, all.length) }, worker))
  if (errors.length > 0) throw errors[0]
}

/** A key or value as text; null where there is none. */
export function textOf(value: string | Uint8Array | null | undefined): string | null {
  if (value === null || value === undefined) return null
  return typeof value === 'string' ? value : Buffer.from(value).toString()
}

/** Headers as texts. */
export function headersOf(headers: unknown): Readonly<Record<string, string>> {
  if (!isRecord(headers)) return {}
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? (textOf(value) ?? '') : String(value),
    ]),
  )
}

/** Waits so many milliseconds of virtual time. */
export function sleep(ms: number): Promise<void> {
  const context = running()
  return new Promise((resolve) => {
    context.host.arm(context, ms, resolve, false)
  })
}
