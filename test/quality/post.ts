// What the handlers and clients of the corpus have in common: they wait, and they send JSON.

/** Waits so many milliseconds of virtual time. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

/** Sends a value as JSON. */
export function post(url: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { method: 'POST', body: JSON.stringify(body), ...init })
}

/** An answer without a body. */
export function answer(status: number): Response {
  return new Response(null, { status })
}
