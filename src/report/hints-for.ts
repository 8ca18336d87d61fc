// Hints: what usually repairs a failure of this shape. Each hint rests on facts of the history; without such facts
// there is no hint.
import type { Counterexample } from '../verdict/counterexample.ts'
import type { History, Note } from '../history/history.ts'
import type { Reason } from '../verdict/reason.ts'
import { adviceFor } from './advice.ts'
import { contradictionOf, type Contradiction } from './contradiction.ts'
import { overwriteIn } from './overwrite-in.ts'

const most = 2

/**
 * One or two short hints, the most useful first; none if the facts support none.
 *
 * @example hintsFor(counterexample) // ['derive an Idempotency-Key from the order, the same for every try at
 * api.stripe.com']
 */
export function hintsFor(counterexample: Counterexample): readonly string[] {
  const facts = contradictionOf(counterexample)
  const {
    history,
    violation: { reason },
  } = counterexample
  const advised = isStaleView(history, reason) ? staleView : adviceFor(reason)
  const isOrdered = history.events.some((event) => event.kind === 'store' && event.early !== undefined)
  const isOverwritten = !facts.tooMany && overwriteIn(history) !== undefined
  const told = [
    ...(facts.missing ? history.notes.flatMap((note) => (isAbout(note, reason) ? [note.ifMissing ?? ''] : [])) : []),
    // What was told last explains the end
    ...(facts.tooMany || facts.missing || reason.kind === 'event-not-accepted'
      ? history.notes.flatMap(({ printed }) => printed?.hint ?? [])
      : []
    ).toReversed(),
  ]
  const isKept = isOverwritten || told.length > 0 // the intent was stored: in a queue
  const hints = [
    ...(isOverwritten ? [readAndWrite] : isOrdered ? [oneStep] : []),
    ...[afterCrash, sameKey, atomicStep, ...(isKept ? [] : [answerLater])].flatMap((hint) => hint(facts) ?? []),
    ...told,
    ...(advised === undefined ? [] : [advised]),
  ]
  return [...new Set(hints)].slice(0, most)
}

const staleView = 'ignore answers to what was asked before that which is shown, and ask again after an error'

/** Whether the view of a client differs from the state that it should show. */
function isStaleView({ views = [] }: History, { kind, between }: Reason): boolean {
  return kind === 'diverged' && views.some(({ effect }) => between?.includes(effect))
}

function isAbout({ text, ifMissing }: Note, { subject }: Reason): boolean {
  return ifMissing !== undefined && text.includes(String(subject))
}

type Hint = (facts: Contradiction) => string | undefined

/** A node acted, crashed before it recorded that, and acted again. */
const afterCrash: Hint = ({ tooMany, crashed, effect, origins }) =>
  tooMany && crashed !== undefined && origins.length > 1
    ? `record the intent before acting (${crashed} died after ${effect ?? 'it'}), or pass one key downstream`
    : undefined

/** One operation took effect again, through a retry (by the client, or within the handler) or a duplicate. */
const sameKey: Hint = ({ tooMany, kin, origins, field, crashed }) => {
  const [first] = origins
  const again = kin === 'attempts' || kin === 'copies' || (kin === 'one attempt' && crashed === undefined)
  if (!tooMany || first === undefined || !again) return undefined
  const source = field === undefined ? 'the operation' : `the ${field}`
  return first.placeSort === 'outside'
    ? `derive an Idempotency-Key from ${source}, the same for every try at ${first.place}`
    : `make the write idempotent: a unique key from ${source}, and "on conflict do nothing"`
}

/** Two operations both checked before either wrote. */
const atomicStep: Hint = ({ kin, crashed }) =>
  kin === 'overlapping operations' || (kin === 'copies' && crashed === undefined) ? oneStep : undefined

const oneStep = 'make check and write one atomic step: transaction, unique key or conditional update'

const readAndWrite =
  'do the read and the write in one step, since another operation wrote in between: a transaction, a conditional ' +
  'update (update ... set n = n + 1, or where version = ...), or compare-and-set'

/** An operation was answered ok, but its work is lost. */
const answerLater: Hint = ({ missing, pointed, effect }) => {
  const ok = pointed.some(({ kind }) => kind === 'ok')
  return missing && ok
    ? `answer ok only when "${effect ?? 'the work'}" is certain, or when the intent to do it is stored durably`
    : undefined
}
