// npm run bench [-- NAME...] [--quick] [--night] [--bugs] [--against COMMIT]: prints one JSON object a line. Knows
// every benchmark's name and nothing of what it measures.
import { parseArgs } from 'node:util'
import { against, comparable } from './against.ts'
import { asIfAloneBenchmark } from './as-if-alone.ts'
import { checkersAgreement } from './checkers-agreement.ts'
import { checkersScale } from './checkers-scale.ts'
import { conformance } from './conformance.ts'
import { defaults } from './defaults.ts'
import { detect } from './detect.ts'
import { determinism } from './determinism.ts'
import { drift } from './drift.ts'
import { falseAlarms } from './false-alarms.ts'
import { firstStory, storyRounds } from './first-story.ts'
import { isolation } from './isolation.ts'
import { checkersPathological, linearizabilitySpeed, linearizabilityVerdicts } from './linearizability.ts'
import { memory } from './memory.ts'
import { minimal } from './minimal.ts'
import { mutants } from './mutants.ts'
import { oracles } from './oracles.ts'
import { resultLine, type Benchmark } from './result.ts'
import { scale } from './scale.ts'
import { shrinkBenchmark } from './shrink.ts'
import { suiteTime } from './suite-time.ts'
import { throughputDirect } from './throughput-direct.ts'
import { throughputHandwritten } from './throughput-handwritten.ts'
import { throughputHttp } from './throughput-http.ts'
import { throughputMsw } from './throughput-msw.ts'
import { throughputPglite } from './throughput-pglite.ts'
import { throughputPostgres } from './throughput-postgres.ts'
import { throughputRedis } from './throughput-redis.ts'
import { timeToFirstBug } from './time-to-first-bug.ts'
import { toleranceCells } from './tolerance-cells.ts'

const benchmarks: Readonly<Record<string, Benchmark>> = {
  'throughput-direct': throughputDirect,
  'throughput-handwritten': throughputHandwritten,
  'throughput-http': throughputHttp,
  'throughput-msw': throughputMsw,
  'throughput-pglite': throughputPglite,
  'throughput-postgres': throughputPostgres,
  'throughput-redis': throughputRedis,
  'suite-time': suiteTime,
  conformance,
  determinism,
  memory,
  'time-to-first-bug': timeToFirstBug,
  shrink: shrinkBenchmark,
  'linearizability-verdicts': linearizabilityVerdicts,
  'linearizability-speed': linearizabilitySpeed,
  'checkers-pathological': checkersPathological,
  'checkers-agreement': checkersAgreement,
  'checkers-scale': checkersScale,
  'false-alarms': falseAlarms,
  'as-if-alone': asIfAloneBenchmark,
  'detect-0': detect(0),
  'detect-1': detect(1),
  'detect-2': detect(2),
  'detect-3': detect(3),
  defaults,
  minimal,
  'first-story': firstStory,
  drift,
  mutants,
  scale,
  tolerance: toleranceCells,
  oracles,
  isolation,
}

const { values: options, positionals: names } = readArguments()
const known = options.against === undefined ? Object.keys(benchmarks) : comparable
const unknown = names.find((name) => !known.includes(name))
if (unknown !== undefined)
  fail(`There is no benchmark "${unknown}"${options.against === undefined ? '' : ' to compare'}.`)

const { quick, night, bugs, against: commit } = options
const turns = { pairs: quick ? 25 : 100, rounds: quick ? storyRounds.quick : storyRounds.full }
for (const name of known) {
  if (names.length > 0 && !names.includes(name)) continue
  if (commit !== undefined) console.log(resultLine(await against(name, commit, turns)))
  else for await (const result of benchmarks[name]?.({ quick, night, bugs }) ?? []) console.log(resultLine(result))
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        night: { type: 'boolean', default: false },
        bugs: { type: 'boolean', default: false },
        against: { type: 'string' },
      },
    })
  } catch (error) {
    return fail(String(error))
  }
}

function fail(what: string): never {
  console.error(
    `${what} Known: ${Object.keys(benchmarks).join(', ')}; --quick; --night, for false-alarms; --bugs, for ` +
      `a line for each planted bug; and --against COMMIT, which compares ` +
      `${comparable.join(' or ')} with the sources of that commit.`,
  )
  process.exit(2)
}
