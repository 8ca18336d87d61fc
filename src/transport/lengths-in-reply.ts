// Lengths of time that an HTTP answer names: Retry-After (RFC 9110, section 10.2.3), max-age and s-maxage (RFC 9111,
// section 5.2.2), Max-Age of a cookie (RFC 6265), expires_in of a token (RFC 6749, section 5.1), and other fields of
// JSON that are called so. Reads words only: a guess is enough.
import type { NamedLength } from '../scenario/lengths.ts'
import type { WireReply } from './wire.ts'

const inSeconds =
  /["']?(?:expires?_?in|max-?_?age|s-maxage|ttl(?:_?seconds)?|retry[-_]?after|lease_?seconds)["']?\s*[:=]\s*"?(\d+)/gi

/** The lengths that an answer names, in order. */
export function lengthsInReply({ headers, body }: WireReply): readonly NamedLength[] {
  const texts = headers.flatMap(([name, value]) =>
    name === 'retry-after'
      ? [`Retry-After: ${value}`]
      : name === 'cache-control' || name === 'set-cookie'
        ? [value]
        : [],
  )
  if (typeof body === 'string') texts.push(body)
  return texts.flatMap((text) =>
    Array.from(text.matchAll(inSeconds), ([written, seconds]) => ({
      ms: Number(seconds) * 1_000,
      words: `${written.replaceAll(/["']/g, '')} in an answer`,
    })),
  )
}
