// What a consumer is asked for: checked, since what is not simulated must not be dropped in silence. Knows no call.
import { assertNumber, assertOptions, foundWords } from '../../plain/options.ts'
import { SetupError } from '../../simulate/setup-error.ts'
import type { KafkaRun, KafkaSubscription } from './consumer-shape.ts'

const knownOfRun: Record<keyof KafkaRun, true> = {
  eachMessage: true,
  eachBatch: true,
  autoCommit: true,
  eachBatchAutoResolve: true,
  partitionsConsumedConcurrently: true,
  autoCommitInterval: true,
  autoCommitThreshold: true,
}

const knownOfSubscription: Record<keyof KafkaSubscription, true> = { topic: true, topics: true, fromBeginning: true }

/** Where a mistake is found by a check of options, it is one of the set-up, and ends the history. */
export function asSetup(check: () => void): void {
  try {
    check()
  } catch (error) {
    throw new SetupError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

/** @throws SetupError if there is no handler, or an option is unknown or has a wrong value */
export function assertRun(run: KafkaRun): void {
  asSetup(() => {
    assertOptions('consumer.run()', run, knownOfRun)
    assertNumber(
      'consumer.run(): partitionsConsumedConcurrently',
      run.partitionsConsumedConcurrently,
      'a whole number from 1',
    )
  })
  if (run.eachMessage === undefined && run.eachBatch === undefined)
    throw new SetupError('consumer.run(): give eachMessage or eachBatch.')
}

/**
 * The topics that are asked for, each with where to begin.
 *
 * @param all topics that there are, which patterns are matched with
 * @throws SetupError if an option is unknown, or no topic is asked for
 */
export function subscribed(
  to: KafkaSubscription,
  all: readonly string[],
): readonly (readonly [topic: string, from: 'beginning' | 'end'])[] {
  asSetup(() => assertOptions('consumer.subscribe()', to, knownOfSubscription))
  const { topic, topics = [], fromBeginning = false } = to
  const asked: readonly unknown[] = topic === undefined ? topics : [topic, ...topics]
  const names = asked.flatMap((one) => {
    if (typeof one === 'string') return [one]
    if (one instanceof RegExp) return all.filter((name) => one.test(name))
    throw new SetupError(`consumer.subscribe(): a topic is ${foundWords(one)}; give a name, or a RegExp of names.`)
  })
  if (names.length === 0)
    throw new SetupError(
      `consumer.subscribe(): no topic is asked for (have ${all.join(', ')}); give { topics: [...] }.`,
    )
  return names.map((name) => [name, fromBeginning ? 'beginning' : 'end'])
}
