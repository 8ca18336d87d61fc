// How a completion's `why` names the status of a response that was not ok: written and read in this one place.

const prefix = 'status '

/** `status 402`. */
export function statusWhy(status: number): string {
  return `${prefix}${status}`
}

/** Whether a `why` names the status of a response: the operation was answered, though not ok. */
export function isStatusWhy(why: string | undefined): boolean {
  return why?.startsWith(prefix) === true
}
