// What handlers of Next read of a request besides the platform's own: `nextUrl` and `cookies`. Must not know messages.

/** A URL that can be cloned, of an application without base path and locales. */
export class NextUrl extends URL {
  readonly basePath = ''
  readonly locale = ''

  clone(): NextUrl {
    return new NextUrl(this.href)
  }
}

export interface RequestCookie {
  readonly name: string
  readonly value: string
}

/** The cookies of a request. What is set or deleted is seen by whoever reads them later. */
export class RequestCookies {
  readonly #cookies: Map<string, RequestCookie>

  /** @param header `a=1; b=2` */
  constructor(header: string) {
    const pairs = header.split(';').flatMap((pair): [string, RequestCookie][] => {
      const [, name, value = ''] = /^\s*([^=\s]+)\s*=\s*"?(.*?)"?\s*$/.exec(pair) ?? []
      return name === undefined ? [] : [[name, { name, value: decoded(value) }]]
    })
    this.#cookies = new Map(pairs)
  }

  get size(): number {
    return this.#cookies.size
  }

  get(name: string): RequestCookie | undefined {
    return this.#cookies.get(name)
  }

  getAll(name?: string): readonly RequestCookie[] {
    return [...this.#cookies.values()].filter((cookie) => name === undefined || cookie.name === name)
  }

  has(name: string): boolean {
    return this.#cookies.has(name)
  }

  set(name: string, value: string): this {
    this.#cookies.set(name, { name, value })
    return this
  }

  delete(name: string): boolean {
    return this.#cookies.delete(name)
  }

  [Symbol.iterator](): Iterator<[string, RequestCookie]> {
    return this.#cookies.entries()
  }
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
