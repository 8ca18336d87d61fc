// Advice: what usually mends a violation of each class that our own checkers name. The class is all it knows; what stands on the course of
// the history is in hints-for.ts.

/** `$1` is the name in the class. The first that fits counts. */
const advice: readonly (readonly [RegExp, string])[] = [
  [/^.+ (went back|after its end)$/, 'write only what is newer than what is there: compare versions (or states) in the same statement'],
  [/^phantom (.+)$/, 'refuse before anything is done, or undo "$1" before refusing: 4xx says that nothing happened'],
  [/^slow (.+)$/, 'give each call that $1 waits for a time limit shorter than its own, and answer without it when that has passed'],
  [/^pending (.+)$/, 'give each call that $1 waits for a time limit: an answer that is lost never comes'],
  [/^different answers of /, 'store the answer beside its key, in the same transaction as the work, and give it again'],
  [/^reused key of /, 'store a hash of the payload beside its key, and answer 422 when another payload comes under it'],
  [/^(.+) and (.+) differ$/, 'send again what was not acknowledged, in an order that both sides agree on, or compare $1 and $2 from time to time and mend'],
  [/^too many attempts /, 'give up after fewer tries, and let one layer alone retry'],
  [/^amplification /, 'let one layer alone retry, and give retries a budget that all calls share'],
  [/^retried too soon /, 'wait longer before each try, doubled and with jitter'],
  [/^Retry-After ignored /, 'wait as long as Retry-After says before the next try'],
]

/** What usually helps against a violation of this class; undefined where nothing is known. */
export function adviceFor(className: string): string | undefined {
  const [pattern, text] = advice.find(([candidate]) => candidate.test(className)) ?? []
  return pattern === undefined ? undefined : text?.replaceAll(/\$(\d)/g, (_, group: string) => pattern.exec(className)?.[Number(group)] ?? '')
}
