// Values from the user's arbitraries, with what is needed to shrink them. A draw depends on its seed alone.
import { bug } from '../plain/bug.ts'
import * as fc from 'fast-check'
import { describeError } from '../plain/describe-error.ts'
import { canonical, encodeValue } from '../plain/value.ts'

/** Draws one value. Equal seeds draw equal values. @throws where the arbitrary throws or its value cannot be saved */
export function drawValue<T>(name: string, arbitrary: fc.Arbitrary<T>, seed: number): fc.Value<T> {
  if (!isArbitrary(arbitrary)) throw new Error(`op("${name}"): ${noArbitrary(arbitrary)}`)
  const probe = new RecordingArbitrary(arbitrary)
  try {
    fc.sample(probe, { seed, numRuns: 1 })
  } catch (error) {
    throw new Error(`op("${name}"): its arbitrary threw ${describeError(error)}. Nothing was run.`, { cause: error })
  }
  const { drawn } = probe
  if (drawn === undefined) bug('fast-check sampled nothing')
  try {
    encodeValue(drawn.value_)
  } catch (error) {
    throw new Error(
      `op("${name}"): its arbitrary made a value that cannot be saved. ${error instanceof Error ? error.message : ''}`,
      { cause: error },
    )
  }
  return drawn
}

/** Also of another copy of fast-check: a CommonJS project has one beside ours. */
function isArbitrary(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const methods = ['generate', 'shrink', 'canShrinkWithoutContext']
  return methods.every((name) => typeof Reflect.get(value, name) === 'function')
}

function noArbitrary(value: unknown): string {
  const found = typeof value === 'function' ? 'a function' : String(value)
  return `its second argument is ${found}, not an arbitrary of fast-check, as fc.record({ ... }) is.`
}

/** Generates by another arbitrary and keeps the value with its context, which `fc.sample` would drop. */
class RecordingArbitrary<T> extends fc.Arbitrary<T> {
  readonly #inner: fc.Arbitrary<T>
  drawn: fc.Value<T> | undefined

  constructor(inner: fc.Arbitrary<T>) {
    super()
    this.#inner = inner
  }

  override generate(random: fc.Random, bias: number | undefined): fc.Value<T> {
    this.drawn = this.#inner.generate(random, bias)
    return this.drawn
  }

  override canShrinkWithoutContext(value: unknown): value is T {
    return this.#inner.canShrinkWithoutContext(value)
  }

  override shrink(value: T, context: unknown): fc.Stream<fc.Value<T>> {
    return this.#inner.shrink(value, context)
  }
}

/** How many shrink steps lead to the smallest value. Each takes the first candidate, fast-check's most aggressive. */
const smallestSteps = 200

/** How many candidates of one step are asked whether they may be taken. */
const mostCandidates = 100

/** The smallest value that shrinking reaches from a drawn one, over values that may be taken: by default all. */
export function smallest<T>(
  arbitrary: fc.Arbitrary<T>,
  drawn: fc.Value<T>,
  mayBe: (value: fc.Value<T>) => boolean = () => true,
): fc.Value<T> {
  let value = drawn
  for (let step = 0; step < smallestSteps; step++) {
    const next = arbitrary.shrink(value.value_, value.context).take(mostCandidates).filter(mayBe).next()
    if (next.done === true) return value
    value = next.value
  }
  return value
}

/** Remembers drawn values, so that inputs, which are plain data in a workload, can be shrunk with their contexts. */
export class Shrinkers {
  readonly #known = new Map<string, fc.Value<unknown>>()

  remember(operation: string, value: fc.Value<unknown>): void {
    this.#known.set(id(operation, value.value_), value)
  }

  knows(operation: string, input: unknown): boolean {
    return this.#known.has(id(operation, input))
  }

  /** Smaller inputs, the most aggressive first. None where the arbitrary cannot shrink this input. */
  *smaller(operation: string, arbitrary: fc.Arbitrary<unknown>, input: unknown): Generator<unknown, void> {
    const known = this.#known.get(id(operation, input))
    if (known === undefined && !arbitrary.canShrinkWithoutContext(input)) return
    for (const value of arbitrary.shrink(input, known?.context)) {
      this.remember(operation, value)
      yield value.value_
    }
  }
}

function id(operation: string, input: unknown): string {
  return `${operation} ${canonical(encodeValue(input))}`
}
