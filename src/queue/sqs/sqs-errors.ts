// The errors of Amazon SQS, as its JSON protocol writes them. Plain data.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html

/** An error that SQS answers with. */
export class SqsError extends Error {
  /** Its name in the JSON protocol, by which an SDK makes its class. */
  readonly type: string

  constructor(type: string, message: string) {
    super(message)
    this.type = type
  }
}

/** The names that the older protocol has for them, where they differ. */
const olderNames: Readonly<Record<string, string>> = {
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
}

/** `Code;Sender`, which an SDK puts into `error.Code`. */
export function queryError({ type }: SqsError): string {
  return `${olderName(type)};Sender`
}

/** The name that an entry of a batch which failed has. */
export function olderName(type: string): string {
  return olderNames[type] ?? type
}

/** A parameter has a value that SQS refuses. */
export function invalid(parameter: string, value: unknown, reason: string): SqsError {
  return new SqsError(
    'InvalidParameterValue',
    `Value ${String(value)} for parameter ${parameter} is invalid. Reason: ${reason}`,
  )
}

/** A parameter is not there. */
export function missing(parameter: string): SqsError {
  return new SqsError('MissingParameter', `The request must contain the parameter ${parameter}.`)
}
