// The JSON form of a saved counterexample, strict as that of its scenario. Writes the newest version, and reads every
// version that was ever written: files in users' repositories are for ever. Must not know files.
import { bug } from '../plain/bug.ts'
import { checkFormat, didYouMean, fieldsOf, jsonProblem, readList, readText, type Spot } from '../plain/json.ts'
import { decodeScenario, encodeScenario } from '../scenario/codec.ts'
import { isReasonKind, reasonKinds, type ReasonKind } from '../verdict/reason.ts'
import { reasonOfV1 } from './reason-of-v1.ts'
import type { Finding, SavedCounterexample, SavedTest, SavedViolation } from './saved-counterexample.ts'
import { shownPath } from './shown-path.ts'

export const counterexampleFormat = 'two-generals/counterexample'
/**
 * Version 1 names a failure by one string, `class`; version 2 by `kind` and `of`. A version 3 is one more number here,
 * and one more case where versions differ.
 */
const newest = 2

/** @throws where the scenario holds what could not be read back */
export function encodeCounterexample(test: SavedTest, { violated, scenario, hash }: Finding): unknown {
  if (scenario.plan.kind !== 'listed') bug('only listed plans are saved; list what was drawn first.')
  const { invariant, kind, of, text } = violated
  return {
    format: counterexampleFormat,
    version: newest,
    test: { file: test.file, suites: test.suites ?? [], name: test.name },
    violated: { invariant, kind, ...(of === undefined ? {} : { of }), text },
    scenario: encodeScenario(scenario),
    ...(hash === undefined ? {} : { hash }),
  }
}

/**
 * The counterexample that {@link encodeCounterexample} of this version or an older one wrote.
 *
 * @param path the file, absolute
 * @throws where anything is missing, ill-typed or unknown, or comes from a newer version; the error names the file
 */
export function decodeCounterexample(json: unknown, path: string): SavedCounterexample {
  const spot: Spot = { json, path: '', doing: `Cannot read ${shownPath(path)}` }
  checkFormat(spot, counterexampleFormat, newest)
  const at = fieldsOf(spot, ['format', 'version', 'test', 'violated', 'scenario'], ['hash'], 'a counterexample')
  const hash = at('hash')
  return {
    path,
    test: readTest(at('test')),
    violated: at('version').json === 1 ? readViolationV1(at('violated')) : readViolation(at('violated')),
    scenario: decodeScenario(at('scenario').json, shownPath(path), 'scenario'),
    ...(hash.json === undefined ? {} : { hash: readText(hash) }),
  }
}

function readViolation(spot: Spot): SavedViolation {
  const at = fieldsOf(spot, ['invariant', 'kind', 'text'], ['of'])
  const of = at('of')
  return {
    invariant: readText(at('invariant')),
    kind: readReasonKind(at('kind')),
    ...(of.json === undefined ? {} : { of: readText(of, true) }),
    text: readText(at('text'), true),
  }
}

function readReasonKind(spot: Spot): ReasonKind {
  const text = readText(spot)
  if (isReasonKind(text)) return text
  throw jsonProblem(
    spot,
    `is "${text}", which is no kind of failure`,
    `${didYouMean(text, reasonKinds)}If a newer two-generals wrote it, update.`,
  )
}

function readViolationV1(spot: Spot): SavedViolation {
  const at = fieldsOf(spot, ['invariant', 'class', 'text'])
  const invariant = readText(at('invariant'))
  return { invariant, ...reasonOfV1(invariant, readText(at('class'), true)), text: readText(at('text'), true) }
}

function readTest(spot: Spot): SavedTest {
  const at = fieldsOf(spot, ['file', 'name'], ['suites'])
  const file = readText(at('file'))
  const suites = at('suites')
  if (/[\\/]/.test(file))
    throw jsonProblem(
      at('file'),
      `is ${JSON.stringify(file)}`,
      "Expected a file's name without folders: it stands one folder up.",
    )
  return {
    file,
    ...(suites.json === undefined ? {} : { suites: readList(suites, (suite) => readText(suite, true)) }),
    name: readText(at('name'), true),
  }
}
