// What SQS tells of a message beside its body: its own attributes, and those of the queue. Plain data.
import { epochMs } from '../../simulate/clock.ts'
import type { QueuedMessage } from '../core/message-queue.ts'

/** Attributes as a sender gives them. */
export type SqsAttributes = Readonly<Record<string, unknown>>

/** The attributes of a message that was received: those of the queue, and those of its sender. */
export function sqsRecordFields({
  attributes,
  received,
  sentAtMs,
  firstReceivedAtMs = sentAtMs,
  group,
  deduplicationId,
  sequence,
}: QueuedMessage): { readonly system: Readonly<Record<string, string>>; readonly own: SqsAttributes } {
  return {
    own: attributes as SqsAttributes, // whoever sends to a queue of SQS gives these
    system: {
      ApproximateReceiveCount: String(received),
      SentTimestamp: String(epochMs + sentAtMs),
      SenderId: 'AIDAIENQZJOLO23YVJ4VO', // as in AWS' examples
      ApproximateFirstReceiveTimestamp: String(epochMs + firstReceivedAtMs),
      ...(deduplicationId === undefined ? {} : { SequenceNumber: String(sequence).padStart(20, '0') }),
      ...(group === undefined ? {} : { MessageGroupId: group }),
      ...(deduplicationId === undefined ? {} : { MessageDeduplicationId: deduplicationId }),
    },
  }
}
