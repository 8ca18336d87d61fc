// npm run bench [-- NAME...] [--quick]: prints one JSON object a line. Knows every benchmark's name and nothing of what
// it measures.
import { checkersAgreement } from './checkers-agreement.ts'
import { checkersScale } from './checkers-scale.ts'
import { determinism } from './determinism.ts'
import { checkersPathological, linearizabilitySpeed, linearizabilityVerdicts } from './linearizability.ts'
import { memory } from './memory.ts'
import { resultLine, type Benchmark } from './result.ts'
import { shrinkBenchmark } from './shrink.ts'
import { throughputDirect } from './throughput-direct.ts'
import { throughputHandwritten } from './throughput-handwritten.ts'
import { timeToFirstBug } from './time-to-first-bug.ts'

const benchmarks: Readonly<Record<string, Benchmark>> = {
  'throughput-direct': throughputDirect,
  'throughput-handwritten': throughputHandwritten,
  determinism,
  memory,
  'time-to-first-bug': timeToFirstBug,
  shrink: shrinkBenchmark,
  'linearizability-verdicts': linearizabilityVerdicts,
  'linearizability-speed': linearizabilitySpeed,
  'checkers-pathological': checkersPathological,
  'checkers-agreement': checkersAgreement,
  'checkers-scale': checkersScale,
}

const given = process.argv.slice(2)
const names = given.filter((argument) => argument !== '--quick')
const unknown = names.find((name) => !Object.hasOwn(benchmarks, name))
if (unknown !== undefined) {
  console.error(`There is no benchmark "${unknown}". Known: ${Object.keys(benchmarks).join(', ')}; and --quick.`)
  process.exit(2)
}
for (const [name, benchmark] of Object.entries(benchmarks)) {
  if (names.length > 0 && !names.includes(name)) continue
  for await (const result of benchmark({ quick: given.includes('--quick') })) console.log(resultLine(result))
}
