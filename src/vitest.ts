// testResilience: a vitest test that explores a system, reports a failure as a story, saves it, and runs it first next
// time. How it is declared; what it does is in verify.ts. The only file that imports vitest.
import './simulate/at-load.ts'
import { test, type TestContext } from 'vitest'
import type { GivenSystem, SystemToTest } from './open-given.ts'
import { userCall } from './report/pointed-error.ts'
import { announceOnly, assertResilienceOptions, verify, type Expected, type ResilienceOptions } from './verify.ts'

export type { SystemToTest } from './open-given.ts'
export type { ResilienceOptions } from './verify.ts'

/** A system, or its asynchronous set-up: run once, in real time, with vitest's test context. */
export type SystemOrSetUp<C = TestContext> = GivenSystem<C>

interface Declare<C> {
  /**
   * Declares a test that holds when no invariant is violated in any explored history.
   *
   * @example
   * testResilience('an order is charged once', {
   *   nodes: { shop: serve(() => app) },
   *   operations: [pay],
   *   invariants: [...],
   * })
   */
  (name: string, system: SystemOrSetUp<C>): void
  (name: string, options: ResilienceOptions, system: SystemOrSetUp<C>): void
}

interface DeclareEach<C> {
  /** One test for each case; `%s` and `$field` in the name are vitest's. */
  <V>(cases: readonly V[]): {
    (name: string, system: (value: V, context: C) => SystemToTest | PromiseLike<SystemToTest>): void
    (
      name: string,
      options: ResilienceOptions,
      system: (value: V, context: C) => SystemToTest | PromiseLike<SystemToTest>,
    ): void
  }
}

/** A value of the test context, or how it is made, as in vitest's `test.extend`. */
type Fixture<T, K extends keyof T, C> =
  T[K] | ((context: Omit<T, K> & C, use: (value: T[K]) => Promise<void>) => Promise<void> | void)

/** {@link Declare} with vitest's modifiers, which mean what they mean there, and may follow one another. */
export interface TestResilience<C = TestContext> extends Declare<C> {
  readonly only: TestResilience<C>
  readonly skip: TestResilience<C>
  /**
   * Passes while an invariant is violated, and fails otherwise: for a defect that is known. What goes wrong in another
   * way (the set-up, a leak, time that ran out) fails with its cause.
   */
  readonly fails: TestResilience<C>
  /** Beside other tests; those that explore take turns. */
  readonly concurrent: TestResilience<C>
  readonly sequential: TestResilience<C>
  readonly each: DeclareEach<C>
  /** The same as `each`: a case that is a list is handed on as one value. */
  readonly for: DeclareEach<C>
  todo(name: string): void
  skipIf(condition: unknown): TestResilience<C>
  runIf(condition: unknown): TestResilience<C>
  /** With fixtures: the set-up function takes those that it needs from its context, `({ db }) => ...`. */
  extend<T extends object>(fixtures: {
    readonly [K in keyof T]: Fixture<T, K, C> | readonly [Fixture<T, K, C>, object?]
  }): TestResilience<C & T>
}

interface VitestOptions {
  readonly timeout: number
  readonly concurrent?: false
}

type TestBody = (...args: readonly never[]) => Promise<void>

/** What is used of vitest's `test`, whose own types differ between its versions. */
interface VitestTest {
  (name: string, options: VitestOptions, run: TestBody): void
  readonly only: VitestTest
  readonly skip: VitestTest
  readonly concurrent: VitestTest
  /** Not in every version: version 5 has `concurrent: false` in its place. */
  readonly sequential?: VitestTest
  for(cases: readonly unknown[]): (name: string, options: VitestOptions, run: TestBody) => void
  todo(name: string): void
  extend(fixtures: object): VitestTest
}

/** The limit is the test's own: vitest's would count the time that it waits for others. */
const ownLimit: VitestOptions = { timeout: 0 }

/** How tests are declared. */
interface Declaring {
  readonly options: VitestOptions
  /** Not vitest's own `fails`, which passes whatever the error is. */
  readonly expects: Expected
}

function resilienceOf<C extends TestContext>(
  api: VitestTest,
  declaring: Declaring = { options: ownLimit, expects: 'holds' },
): TestResilience<C> {
  const { options, expects } = declaring
  const modified = (other: VitestTest): TestResilience<C> => resilienceOf(other, declaring)
  const declared: Declare<C> = (name: string, ...rest: readonly unknown[]) => {
    const { given, last } = readArguments(name, rest)
    const at = userCall(declared)
    // The overloads say so
    const run = (context: C): Promise<void> =>
      verify(context, { options: given, system: last as SystemOrSetUp<C>, at, expects })
    api(name, options, withArgumentsOf(last, run))
  }
  const each: DeclareEach<C> = (cases: readonly unknown[]) => {
    const declaredEach = (name: string, ...rest: readonly unknown[]): void => {
      const { given, last } = readArguments(name, rest)
      const at = userCall(declaredEach)
      // The overloads say so
      const setUp = last as (value: unknown, context: C) => SystemToTest | PromiseLike<SystemToTest>
      const run = (value: unknown, context: C): Promise<void> =>
        verify(context, { options: given, system: () => setUp(value, context), at, expects })
      api.for(cases)(name, options, withArgumentsOf(last, run))
    }
    return declaredEach
  }
  // The cast holds: the getters add what is missing
  return Object.defineProperties(declared, {
    ...Object.fromEntries(modifiers.map((name) => [name, { get: () => modified(api[name]) }])),
    sequential: {
      get: () =>
        api.sequential === undefined
          ? resilienceOf(api, { expects, options: { ...options, concurrent: false } })
          : modified(api.sequential),
    },
    fails: { get: () => resilienceOf(api, { options, expects: 'violated' }) },
    each: { value: each },
    for: { value: each },
    todo: { value: (name: string) => api.todo(name) },
    skipIf: { value: (condition: unknown) => modified(condition ? api.skip : api) },
    runIf: { value: (condition: unknown) => modified(condition ? api : api.skip) },
    extend: { value: (fixtures: object) => modified(api.extend(fixtures)) },
  }) as TestResilience<C>
}

const modifiers = ['only', 'skip', 'concurrent'] as const

/** vitest reads in a function's text which fixtures it takes. */
function withArgumentsOf(setUp: unknown, run: TestBody): TestBody {
  return typeof setUp === 'function' ? Object.assign(run, { toString: () => String(setUp) }) : run
}

function readArguments(
  name: string,
  rest: readonly unknown[],
): { readonly given: ResilienceOptions; readonly last: unknown } {
  const last = rest.at(-1)
  const given = rest.length > 1 ? (rest[0] as ResilienceOptions) : {} // the overloads put options first
  if (typeof last !== 'function' && (typeof last !== 'object' || last === null || !('nodes' in last))) {
    throw new Error(
      'testResilience(name, options?, system): the last argument is neither a system ({ nodes, operations, ' +
        'invariants }) nor a function that gives one.',
    )
  }
  assertResilienceOptions(name, given)
  announceOnly()
  return { given, last }
}

/** A vitest test that lets the network disappoint a system in every way it claims to tolerate. */
export const testResilience: TestResilience = resilienceOf(test as unknown as VitestTest) // as in all its versions
