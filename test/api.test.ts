// The public face: its names, so that none appears or goes unnoticed; and that every one says what it is.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as main from 'two-generals'
import * as alone from 'two-generals/as-if-alone'
import * as conformance from 'two-generals/conformance'
import * as jepsen from 'two-generals/jepsen'
import * as lambda from 'two-generals/lambda'
import * as postgres from 'two-generals/postgres'
import * as queues from 'two-generals/queues'
import * as redisDoor from 'two-generals/redis'
import * as stores from 'two-generals/stores'
import * as tolerance from 'two-generals/tolerance'
import * as entry from 'two-generals/vitest'

const src = resolve(import.meta.dirname, '../src')

interface Export {
  readonly name: string
  readonly type: boolean
  readonly file: string
}

/** The explicit exports of an entry point. */
function exportsOf(door: string): readonly Export[] {
  const statements = readFileSync(join(src, door), 'utf8').matchAll(/^export (type )?\{([^}]*)\} from '\.\/([^']+)'/gm)
  return [...statements].flatMap(([, allTypes, names = '', file = '']) =>
    names
      .split(',')
      .map((text) => text.trim())
      .filter((text) => text !== '')
      .map((text) => ({
        name: text.replace(/^type /, ''),
        type: allTypes !== undefined || text.startsWith('type '),
        file,
      })),
  )
}

const exported = exportsOf('index.ts')

describe("'two-generals'", () => {
  test('exports these values', () => {
    expect(Object.keys(main).sort().join(' ')).toMatchInlineSnapshot(
      `"ackDurable actor always assess atLeastOnce atMostOnce authentic bank bind boundedCall boundedStaleness casRegister causal check conservation contained convergence costBudget counted counter counterBounds decodeScenario effectsOf encodeScenario eventually exactlyOnce fifoQueue fold formatAssessment githubSignature historyBytes historyHash idempotentReplay journal judge keyValue latencyBudget linearizable listed map monotonic monotonicReads monotonicWrites mutex mutualExclusion noFaults noHang noLeftovers noLostUpdate noOversell noPhantom noticed op parallelSnapshotIsolation port queueDelivery readCommitted readYourWrites register repeatableRead requests resilience retryBudget rows saga scenario sequential serializable serve set simulate snapshotIsolation sometimes spans sqlite standardWebhooks store storeCalled storeCaller storeChanges storeOwner storeReads storeRefuses storyOf strictSerializable stripeSignature takenOver traced uniqueIds weakest webhook writesFollowReads"`,
    )
  })

  test('exports these types', () => {
    expect(
      exported
        .filter(({ type }) => type)
        .map(({ name }) => name)
        .sort()
        .join(' '),
    ).toMatchInlineSnapshot(
      `"Act Actor Address AnomalyName Answer AssessOptions Assessment Balances BetterSqlite Breaker Capacity ClaimLimits Conserved ConsistencyModel Containment CostLimits Counterexample DeliveryLimits DrawnPlan Effect FailureClass Fault FaultKind Fencing FetchHandler Findings FinishedSpan Fold Freshness History HistoryEvent InterpretedOperation Invariant Invocation Journal Judgement Key KeyedEffect KeyedOperation LateChange LatencyLimits Leases ListedPlan MapOptions Message MicroOp Model ModelJudge Mutex Need NodeDefinition Noticing Observed Operation OperationOptions OrderedStates Outcome Outside Place Plan PortOptions PropertyOptions Reason ReasonKind RegisterOptions Replays Resilience ResilienceError RetryLimits RowsOptions SagaOptions SagaStep Scenario SearchBudget ServeOptions SignDelivery Span SpanExporter SqliteDatabase SqliteOptions StateOptions Steps Store StoreAccess SymbolicRun System TakeOver ToleratedFault ToleratedFaults Tolerates TracedOptions Transaction Verdict VerdictKind Versions Weakest Weakness WebhookOptions Workload"`,
    )
  })

  test('exports nothing in another way', () => {
    expect(
      exported
        .filter(({ type }) => !type)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(Object.keys(main).sort())
  })
})

describe("'two-generals/vitest'", () => {
  test('exports these values', () => {
    expect(Object.keys(entry).sort().join(' ')).toMatchInlineSnapshot(`"testResilience"`)
  })
})

describe("'two-generals/jepsen'", () => {
  test('exports these values', () => {
    expect(Object.keys(jepsen).sort().join(' ')).toMatchInlineSnapshot(`"readHistory recordedStory"`)
  })
})

describe("'two-generals/conformance'", () => {
  test('exports these values', () => {
    expect(Object.keys(conformance).sort().join(' ')).toMatchInlineSnapshot(
      `"fakeWorld rehearse remoteStoreConformance storeConformance transportConformance"`,
    )
  })
})

describe("'two-generals/lambda'", () => {
  test('exports these values', () => {
    expect(Object.keys(lambda).sort().join(' ')).toMatchInlineSnapshot(`"lambda"`)
  })
})

describe("'two-generals/as-if-alone'", () => {
  test('exports these values', () => {
    expect(Object.keys(alone).sort().join(' ')).toMatchInlineSnapshot(`"asIfAlone"`)
  })
})

describe("'two-generals/postgres'", () => {
  test('exports these values', () => {
    expect(Object.keys(postgres).sort().join(' ')).toMatchInlineSnapshot(`"postgres startPostgres"`)
  })
})

describe("'two-generals/redis'", () => {
  test('exports what users write', () => {
    expect(Object.keys(redisDoor).sort().join(' ')).toMatchInlineSnapshot(`"redis"`)
  })
})

describe("'two-generals/queues'", () => {
  test('exports these values', () => {
    expect(Object.keys(queues).sort().join(' ')).toMatchInlineSnapshot(
      `"cloudflareQueue cloudflareWorker cron deliveries enqueue kafkaCluster runsOncePerSlot sqs sqsLambda sqsQueue worker"`,
    )
  })
})

describe("'two-generals/stores'", () => {
  test('exports these values', () => {
    expect(Object.keys(stores).sort().join(' ')).toMatchInlineSnapshot(`"d1 instrument"`)
  })
})

describe("'two-generals/tolerance'", () => {
  test('exports these values', () => {
    expect(Object.keys(tolerance).sort().join(' ')).toMatchInlineSnapshot(
      `"compareVariants degraded formatComparison formatTolerance tolerance toleranceOf"`,
    )
  })
})

describe('documentation', () => {
  const everywhere = [
    ...exported,
    ...exportsOf('jepsen.ts'),
    ...exportsOf('lambda.ts'),
    ...exportsOf('as-if-alone.ts'),
    ...exportsOf('postgres.ts'),
    ...exportsOf('queues.ts'),
    ...exportsOf('redis.ts'),
    ...exportsOf('stores.ts'),
    ...exportsOf('tolerance.ts'),
    ...exportsOf('conformance.ts'),
  ]

  const docOf = ({ name, file }: Export): string | undefined => {
    const text = readFileSync(join(src, file), 'utf8')
    const at = text.search(new RegExp(`^export (async )?(function|const|interface|type|class) ${name}\\b`, 'm'))
    const before = text.slice(0, Math.max(0, at)).trimEnd()
    return before.endsWith('*/') ? before.slice(before.lastIndexOf('/**')) : undefined
  }

  test('every public name has a sentence', () => {
    expect(everywhere.filter((one) => docOf(one) === undefined).map(({ name, file }) => `${name} in ${file}`)).toEqual(
      [],
    )
  })

  test('every public function has an example', () => {
    const values: Readonly<Record<string, unknown>> = {
      ...main,
      ...jepsen,
      ...lambda,
      ...alone,
      ...postgres,
      ...queues,
      ...redisDoor,
      ...stores,
      ...tolerance,
      ...conformance,
    }
    const functions = everywhere.filter(({ name }) => typeof values[name] === 'function')
    expect(
      functions
        .filter((one) => docOf(one)?.includes('@example') !== true)
        .map(({ name, file }) => `${name} in ${file}`),
    ).toEqual([])
  })
})
