// What sound systems have to tell asIfAlone, by their names: where a state is one of faults alone, and what an answer
// does not promise. At most two options each; broken twins are looked at with the same.
import type { AsIfAloneOptions } from '../../src/as-if-alone.ts'

export const aloneOptions: Readonly<Record<string, AsIfAloneOptions>> = {
  // Reads, and what was read
  'a token of an hour is used for longer': { ignore: ['told'] },
  'a read falls back to the copy that missed the write': { ignore: ['read', 'meta', 'east-store', 'west-store'] },
  'an old answer without a mark, since the clock was set back': { ignore: ['shown'] },
  'two copies that missed a write, read while the primary is away': { ignore: ['seen', 'east-store', 'west-store'] },
  'a cart whose copy missed an item restarts': { ignore: ['seen'] },
  'a cart whose two copies missed an item restarts': { ignore: ['seen'] },
  // Copies that may lag or lack something
  'the copy is told late, and read first': { ignore: ['replica'] },
  'a write that one replica of three has': { ignore: ['copy-a', 'copy-b', 'copy-c', 'read'] },
  'two voters forget their votes': { ignore: ['votes-x', 'votes-y', 'votes-z'] },
  // At most once: an answer does not promise that it is done
  'an event comes again after 25 hours': { may: ['deliver'] },
  'a crash between the payment and its record': { may: ['pay'] },
  'a lost reply, and a jump of the clock that expires the claim': { may: ['pay'] },
  'a lost reply, and the claims restart before the retry': { may: ['pay'] },
  'a lost reply, one claim forgotten and the other one expired': { may: ['pay'] },
  'a lost reply, and both services that remember claims restart': { may: ['pay'] },
  'a worker with a fast clock restarts and takes a job over': { may: ['submit'], ignore: ['owner', 'done'] },
  'a lost cancellation, and a restart before it is sent again': { may: ['book'] },
  'a crash, and another one during the recovery': { may: ['payout'], ignore: ['payouts'] },
  // At least once
  'a crash between the order and its announcement': { atLeastOnce: ['announcement'] },
  'a message is dropped after three 5xx': { atLeastOnce: ['booking'], ignore: ['failures'] },
  'a job is dropped after three crashes': { atLeastOnce: ['mail'], ignore: ['starts'] },
  'accepted mail is forgotten at the third 429': { atLeastOnce: ['mail'] },
  'ids that are random': { atLeastOnce: ['sqlite.invoice'] },
  'numbers of invoices': { atLeastOnce: ['sqlite.invoice'], ignore: ['id'] },
  'a lease with a fencing token': { ignore: ['token', 'written'] },
  // Windows and stamps of time
  'the eleventh request in a minute passes': { ignore: ['counts'] },
  'six mails around the edge of a window of half a minute': { ignore: ['sent'] },
  'ids are given again after the clock was set back': { ignore: ['last'] },
  'a late save overwrites the next one': { ignore: ['saved'] },
  // Leases and places that nobody gave back
  'a seat is freed while its buyer pays': { ignore: ['plan'] },
  'an editor thinks for longer than the lock of 30 s lasts': { ignore: ['locks'] },
  'a pause of the holder over a lease of 30 s': { ignore: ['untilMs', 'written'] },
  'a paused holder of a lease whose clock is slow': { ignore: ['untilMs', 'written'] },
  'a paused holder of a lease, and both of its clocks wrong': { ignore: ['untilMs', 'timerUntilMs', 'written'] },
}
