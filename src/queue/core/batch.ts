// Batches of messages as a queue delivers them, and the messages that the consumer's answer reports as failed: the
// partial batch response of AWS Lambda with SQS. Pure functions over plain data.

/** Items by their ids; `all`: the whole batch. */
export type Items = readonly string[] | 'all'

/**
 * The messages of a batch that its handler reported as failed; undefined if it accepted all. As AWS documents it, a
 * missing, null or empty `batchItemFailures` accepts everything. If the list or an item in it is malformed, or an item
 * names no message of the batch, the whole batch has failed.
 */
export function failedItems(ids: readonly string[], returned: unknown): Items | undefined {
  const failures = fieldOf(returned, 'batchItemFailures') ?? []
  if (!Array.isArray(failures)) return 'all'
  const failed = failures.map((item: unknown) => fieldOf(item, 'itemIdentifier'))
  const known = ids.filter((id) => failed.includes(id))
  if (failed.some((id) => !known.some((one) => one === id))) return 'all'
  return known.length === 0 ? undefined : known
}

/** The ids of a batch's messages; empty if it is no batch. */
export function itemIds(batch: unknown): readonly string[] {
  return recordsOf(batch)
    .map((record) => fieldOf(record, 'messageId'))
    .filter((id) => typeof id === 'string')
}

/** The batch with only these messages, as a queue delivers it again. */
export function onlyItems(batch: unknown, items: Items): unknown {
  if (items === 'all' || typeof batch !== 'object') return batch
  return {
    ...batch,
    Records: recordsOf(batch).filter((record) => items.some((id) => id === fieldOf(record, 'messageId'))),
  }
}

function recordsOf(batch: unknown): readonly unknown[] {
  const records = fieldOf(batch, 'Records')
  return Array.isArray(records) ? records : []
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? new Map<string, unknown>(Object.entries(value)).get(name)
    : undefined
}
