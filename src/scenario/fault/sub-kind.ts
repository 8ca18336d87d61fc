// A kind of fault, or a part of one, as a claim names it: checked, in words, and as a question about a fault. Each kind
// says itself which parts it has. Must not know where a fault strikes, nor what a claim is.
import { foundWords, isRecord } from '../../plain/options.ts'
import { suggestion } from '../../plain/suggestion.ts'
import { durationWords } from '../../plain/time.ts'
import { faultKinds, faultSpec, isFaultKind, type Fault, type FaultKind } from './registry.ts'
import type { Bound, Choices } from './spec.ts'

/** A named part of what the adversary can do. */
export interface SubKind {
  readonly kind: FaultKind
  /** Whether it is the whole kind. */
  readonly isWhole: boolean
  /** Whether a `within...` limits it. */
  readonly isBounded: boolean
  /** `jump (back, within 5 s)`. */
  readonly words: string
  /** The fault where it belongs here, or the largest that does; undefined where it is another fault. */
  limited(fault: Fault): Fault | undefined
}

/** @param of what the user named it in: `tolerates` @throws where there is no such kind, part or value */
export function subKind(given: unknown, of: string): SubKind {
  const { kind, ...named }: Readonly<Record<string, unknown>> = isRecord(given) ? given : { kind: given }
  const name = String(kind)
  if (!isFaultKind(name)) throw new Error(`${of}: "${name}" is no kind of fault${suggestion(name, faultKinds)}`)
  const tests = Object.entries(named)
    .filter(([, value]) => value !== undefined)
    .map(([part, value]) => partOf(name, part, value, of))
  return {
    kind: name,
    isWhole: tests.length === 0,
    isBounded: tests.some(({ isBound }) => isBound),
    words: tests.length === 0 ? name : `${name} (${tests.map(({ words }) => words).join(', ')})`,
    limited: (fault) =>
      fault.kind === name
        ? tests.reduce<Fault | undefined>((left, test) => (left === undefined ? left : test.limited(left)), fault)
        : undefined,
  }
}

interface Test {
  readonly words: string
  readonly isBound: boolean
  limited(fault: Fault): Fault | undefined
}

function partOf(kind: FaultKind, part: string, value: unknown, of: string): Test {
  // By `PartsOf`, whatever the kind: its own names, and for each of them one of these
  const parts = (faultSpec(kind).parts ?? {}) as Readonly<Record<string, Choices<Fault> | Bound<Fault>>>
  const found = parts[part]
  if (found === undefined)
    throw new Error(
      Object.keys(parts).length === 0
        ? `${of}: "${kind}" has no "${part}"; it has no parts: write "${kind}".`
        : `${of}: "${kind}" has no "${part}"${suggestion(part, Object.keys(parts))}`,
    )
  return found.type === 'bound'
    ? bounded(found, value, `${of}: ${part} of "${kind}"`)
    : chosen(found, value, `${of}: ${part} of "${kind}"`)
}

function bounded(bound: Bound<Fault>, most: unknown, what: string): Test {
  const { unit } = bound
  const unitWords = unit === 'ms' ? 'milliseconds' : 'millionths'
  if (typeof most !== 'number' || !Number.isFinite(most) || most <= 0)
    throw new Error(`${what} is ${foundWords(most)}; give ${unitWords} above 0.`)
  return {
    words: `within ${unit === 'ms' ? durationWords(most) : `${most} ppm`}`,
    isBound: true,
    limited(fault) {
      const within = bound.limited(fault, most)
      return JSON.stringify(within) === JSON.stringify(fault) ? fault : within
    },
  }
}

function chosen(choices: Choices<Fault>, value: unknown, what: string): Test {
  const { words } = choices
  const values = Array.isArray(value) ? (value as readonly unknown[]) : [value]
  const odd = values.find((one) => typeof one !== 'string' || !Object.hasOwn(words, one))
  if (odd !== undefined || values.length === 0)
    throw new Error(
      `${what} is ${values.length === 0 ? 'an empty list' : foundWords(odd)}` +
        (typeof odd === 'string' ? suggestion(odd, Object.keys(words)) : `; give ${quoted(Object.keys(words))}.`),
    )
  return {
    words: values.map((one) => words[String(one)]).join(' or '),
    isBound: false,
    limited: (fault) => (values.includes(choices.of(fault)) ? fault : undefined),
  }
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(' or ')
}
