// What an HTTP status says of an operation, and how a completion's `why` names it: written and read in this one place.

const prefix = 'status '

/** `status 402`. */
export function statusWhy(status: number): string {
  return `${prefix}${status}`
}

/** Whether a `why` names the status of a response: the operation was answered, though not ok. */
export function isStatusWhy(why: string | undefined): boolean {
  return why?.startsWith(prefix) === true
}

/** Whether a `why` names a status by which the work was certainly not done. */
export function isRefusalWhy(why: string | undefined): boolean {
  return isStatusWhy(why) && isRefusal(Number(why?.slice(prefix.length)))
}

/**
 * Whether a status says that the work was certainly not done (RFC 9110). 408, 425 and 429 do not, and 307 and 308 do:
 * they ask for the same request elsewhere.
 */
export function isRefusal(status: number): boolean {
  if (status >= 400 && status < 500) return status !== 408 && status !== 425 && status !== 429
  return status === 307 || status === 308
}
