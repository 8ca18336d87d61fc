// Advice: what usually mends a violation of each class that our own checkers name. The class is all it knows; what
// stands on the course of the history is in hints-for.ts.

/** `$1` is the name in the class. The first that fits counts. */
const advice: readonly (readonly [RegExp, string])[] = [
  [
    /^lost update$/,
    'write only if the version that was read is still there (a condition in the statement, or If-Match), and ' +
      'begin again where it is not',
  ],
  [
    /^(own write unseen|stale read|read went back)$/,
    'read where the write went (the primary), or pass on the version that was written or seen, and wait until ' +
      'the replica has it',
  ],
  [
    /^(writes out of order|write before what it followed|effect before cause)$/,
    'send with each write the versions that it follows, and apply or show it only after these',
  ],
  [
    /^not (linearizable|sequential)/,
    'let one place decide the order: read and change in one atomic statement there, not in a replica, a cache ' +
      'or a copy of an earlier read',
  ],
  [/^(G1a|G1b)$/, 'read only what is committed, also where a cache is filled or an event is sent'],
  [
    /^(G-single|fractured read|long fork|internal)\b/,
    'read all of it from one snapshot: repeatable read or snapshot isolation, in one transaction',
  ],
  [
    /^G2-item/,
    'use serializable isolation and try again where it refuses, or lock what was read (select ... for update)',
  ],
  [
    /^two holders of /,
    'do not trust a lease alone, its holder may have paused: give each lease a higher fencing token, and let ' +
      'the resource check it',
  ],
  [
    /^stale token of /,
    'let the resource compare tokens in the statement that writes, and refuse one lower than it has seen',
  ],
  [/^half done$/, 'store each step before it is taken; after a crash go on from there, or undo what was done'],
  [/^kept though failed$/, 'answer that it failed only after all that was done is undone'],
  [/^undone though answered ok$/, 'answer ok only when every step is done, or is stored to be done'],
  [/^.+ not in reverse$/, 'undo the last step first'],
  [/^twice (.+)$/, 'claim the slot before $1 runs: a row with a unique key of job and slot'],
  [/^missed (.+)$/, 'store for which slot $1 ran last, and after a restart run what was missed'],
  [
    /^(no|another) trace .+ -> (.+)$/,
    'pass traceparent on with every request to $2: the same trace id, a new parent id',
  ],
  [
    /^id given twice$/,
    'let the store give ids (a sequence, a unique key), or take 128 random bits: a clock or a count of one ' +
      'process is not enough',
  ],
  [
    /^out of order$/,
    'send what has an order to one partition, and let the receiver drop what is older than it has applied',
  ],
  [/^(forged|tampered) /, 'verify the signature of the raw body before anything is done'],
  [/^replayed /, 'store the id of each message with its effect, under a unique key'],
  [
    /^probed too often .+ -> (.+)$/,
    'while the breaker is open let one request at a time through to $1, and fail the others at once',
  ],
  [
    /^.+ (went back|after its end)$/,
    'write only what is newer than what is there: compare versions (or states) in the same statement',
  ],
  [/^phantom (.+)$/, 'refuse before anything is done, or undo "$1" before refusing: 4xx says that nothing happened'],
  [
    /^slow (.+)$/,
    'give each call that $1 waits for a time limit shorter than its own, and answer without it when that has passed',
  ],
  [/^pending (.+)$/, 'give each call that $1 waits for a time limit: an answer that is lost never comes'],
  [/^different answers of /, 'store the answer beside its key, in the same transaction as the work, and give it again'],
  [/^reused key of /, 'store a hash of the payload beside its key, and answer 422 when another payload comes under it'],
  [
    /^(.+) and (.+) differ$/,
    'send again what was not acknowledged, in an order that both sides agree on, or compare $1 and $2 from time ' +
      'to time and mend',
  ],
  [/^too many attempts /, 'give up after fewer tries, and let one layer alone retry'],
  [/^amplification /, 'let one layer alone retry, and give retries a budget that all calls share'],
  [/^retried too soon /, 'wait longer before each try, doubled and with jitter'],
  [/^Retry-After ignored /, 'wait as long as Retry-After says before the next try'],
]

/** What usually helps against a violation of this class; undefined where nothing is known. */
export function adviceFor(className: string): string | undefined {
  const [pattern, text] = advice.find(([candidate]) => candidate.test(className)) ?? []
  return pattern === undefined
    ? undefined
    : text?.replaceAll(/\$(\d)/g, (_, group: string) => pattern.exec(className)?.[Number(group)] ?? '')
}
