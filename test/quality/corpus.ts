// All planted bugs, by the number of faults that they need. They are written before anybody tunes the exploration by
// them, and stay as they are.
import { bothClocksLease } from './corpus/both-clocks-lease.ts'
import { cacheAfterWrite } from './corpus/cache-after-write.ts'
import { cartCopies } from './corpus/cart-copies.ts'
import { cartCopy } from './corpus/cart-copy.ts'
import { crashInRecovery } from './corpus/crash-in-recovery.ts'
import { creditedTwice } from './corpus/credited-twice.ts'
import { dayOldKey } from './corpus/day-old-key.ts'
import { declinedByErrors } from './corpus/declined-by-errors.ts'
import { doubleClick } from './corpus/double-click.ts'
import { eleventhRequest } from './corpus/eleventh-request.ts'
import { emptyThreeTimes } from './corpus/empty-three-times.ts'
import { errorAtTheLimit } from './corpus/error-at-the-limit.ts'
import { expiredAndForgotten } from './corpus/expired-and-forgotten.ts'
import { expiredClaim } from './corpus/expired-claim.ts'
import { fallbackRead } from './corpus/fallback-read.ts'
import { fastStamp } from './corpus/fast-stamp.ts'
import { firstPage } from './corpus/first-page.ts'
import { forgetfulClaims } from './corpus/forgetful-claims.ts'
import { forgottenCancellation } from './corpus/forgotten-cancellation.ts'
import { forgottenVotes } from './corpus/forgotten-votes.ts'
import { freedWhilePaying } from './corpus/freed-while-paying.ts'
import { hourOldToken } from './corpus/hour-old-token.ts'
import { lastTicket } from './corpus/last-ticket.ts'
import { lateCopy } from './corpus/late-copy.ts'
import { lateSave } from './corpus/late-save.ts'
import { lostTab } from './corpus/lost-tab.ts'
import { oneAckQuorum } from './corpus/one-ack-quorum.ts'
import { paidNotRemembered } from './corpus/paid-not-remembered.ts'
import { pausedHolder } from './corpus/paused-holder.ts'
import { poisonByErrors } from './corpus/poison-by-errors.ts'
import { resetMeansNo } from './corpus/reset-means-no.ts'
import { retriedCharge } from './corpus/retried-charge.ts'
import { retryAfterDate } from './corpus/retry-after-date.ts'
import { sameNumber } from './corpus/same-number.ts'
import { sameSecond } from './corpus/same-second.ts'
import { slotTwice } from './corpus/slot-twice.ts'
import { slowClockLease } from './corpus/slow-clock-lease.ts'
import { slowEditor } from './corpus/slow-editor.ts'
import { staleCopies } from './corpus/stale-copies.ts'
import { startedThrice } from './corpus/started-thrice.ts'
import { stuckBreaker } from './corpus/stuck-breaker.ts'
import { takenTooEarly } from './corpus/taken-too-early.ts'
import { throttledThrice } from './corpus/throttled-thrice.ts'
import { twoForgetfulClaims } from './corpus/two-forgetful-claims.ts'
import { unannouncedOrder } from './corpus/unannounced-order.ts'
import { unlimitedCall } from './corpus/unlimited-call.ts'
import { unmarkedStale } from './corpus/unmarked-stale.ts'
import { unreadableLookup } from './corpus/unreadable-lookup.ts'
import { windowEdge } from './corpus/window-edge.ts'
import type { Planted } from './planted.ts'

export const corpus: readonly Planted[] = [
  cacheAfterWrite,
  doubleClick,
  dayOldKey,
  eleventhRequest,
  firstPage,
  freedWhilePaying,
  hourOldToken,
  lastTicket,
  lostTab,
  sameNumber,
  slotTwice,
  slowEditor,
  windowEdge,
  creditedTwice,
  fastStamp,
  lateCopy,
  lateSave,
  paidNotRemembered,
  pausedHolder,
  resetMeansNo,
  retriedCharge,
  retryAfterDate,
  sameSecond,
  stuckBreaker,
  unannouncedOrder,
  unlimitedCall,
  cartCopy,
  crashInRecovery,
  errorAtTheLimit,
  expiredClaim,
  fallbackRead,
  forgetfulClaims,
  forgottenCancellation,
  forgottenVotes,
  slowClockLease,
  takenTooEarly,
  unmarkedStale,
  unreadableLookup,
  bothClocksLease,
  cartCopies,
  declinedByErrors,
  emptyThreeTimes,
  expiredAndForgotten,
  oneAckQuorum,
  poisonByErrors,
  staleCopies,
  startedThrice,
  throttledThrice,
  twoForgetfulClaims,
]

/**
 * Bugs that the end of a history shows: rows, effects and journals that the same operations, one after the other on a
 * perfect network, would not leave. The others show in time, in the order of effects, or only in what somebody read.
 * Marked before `asIfAlone` was first run on any of them.
 */
export const shownAtTheEnd: readonly Planted[] = [
  cartCopies,
  cartCopy,
  crashInRecovery,
  creditedTwice,
  dayOldKey,
  declinedByErrors,
  doubleClick,
  emptyThreeTimes,
  expiredAndForgotten,
  expiredClaim,
  fastStamp,
  forgetfulClaims,
  forgottenCancellation,
  forgottenVotes,
  freedWhilePaying,
  lastTicket,
  lostTab,
  paidNotRemembered,
  poisonByErrors,
  resetMeansNo,
  retriedCharge,
  sameNumber,
  slotTwice,
  startedThrice,
  takenTooEarly,
  throttledThrice,
  twoForgetfulClaims,
  unannouncedOrder,
  unreadableLookup,
]
