// Proves the depth of planted bugs by all smaller sets of faults, and prints each proof as one line of JSON. `node
// --import ./test/bench/resolve.ts test/quality/prove.ts [NAME...]`; without names, of all that need three faults.
import { corpus } from './corpus.ts'
import { prove } from './proof.ts'
import { provedAs, type Proved } from './proofs.ts'

const names = process.argv.slice(2)

for (const planted of corpus.filter(({ name, depth }) => (names.length === 0 ? depth === 3 : names.includes(name)))) {
  const { arrivals, executions, shallower } = await prove(planted)
  const proved: Proved = { name: planted.name, source: provedAs(planted.name), arrivals, executions }
  console.log(JSON.stringify(shallower === undefined ? proved : { name: planted.name, shallower }))
}
