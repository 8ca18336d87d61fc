// Run in a process of its own: prints the digests of a few rounds, one JSON object a line.
import { allScenarios, digestsOf } from './determinism-scenarios.ts'

const scenarios = allScenarios()
for (let round = 0; round < Number(process.argv[2] ?? 1); round++)
  console.log(JSON.stringify(await digestsOf(scenarios)))
