// How a `fetch` fails, as undici throws it: class, message and cause are those that code under test looks at.

/** A failed fetch as undici throws it. */
export function failedFetch(failure: string): TypeError {
  return new TypeError('fetch failed', {
    cause:
      causes[failure] === undefined
        ? new Error(failure)
        : Object.assign(new Error(causes[failure].message), causes[failure].fields),
  })
}

const causes: Readonly<Record<string, { readonly message: string; readonly fields: object }>> = {
  refused: { message: 'connect ECONNREFUSED', fields: { code: 'ECONNREFUSED', syscall: 'connect' } },
  reset: { message: 'read ECONNRESET', fields: { code: 'ECONNRESET', syscall: 'read' } },
  timeout: {
    message: 'Headers Timeout Error',
    fields: { name: 'HeadersTimeoutError', code: 'UND_ERR_HEADERS_TIMEOUT' },
  },
}
