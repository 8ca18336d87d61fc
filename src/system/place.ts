// Where an entry of a claim holds: a link, a node or an outside host, by its name in `tolerates`. Must not know kinds.
import { ownNodeOf, strikesCaller, type Fault } from '../scenario/fault/registry.ts'
import { suggestion } from '../plain/suggestion.ts'

/** A link, a node or an outside host. */
export interface NodeOrLink {
  /** `on shop -> bank`, `of worker`. */
  readonly words: string
  holds(fault: Fault): boolean
}

/** What a claim has beside places. */
export const limits = ['only', 'except', 'atMost', 'trusted'] as const

/** The names of all ports, which no system knows. */
export const portNames: Set<string> = new Set()

/** @param ends names of nodes and stores @throws where there is no such place */
export function placeOf(name: string, ends: readonly string[]): NodeOrLink {
  return name.includes('->') ? linkOf(name, ends) : nodeOf(name, ends)
}

/** What strikes a link: messages of its calls, and its two ends as such a message leaves or arrives. */
function linkOf(link: string, ends: readonly string[]): NodeOrLink {
  const [from, to, ...more] = link.split(' -> ')
  if (from === undefined || to === undefined || more.length > 0)
    throw new Error(`tolerates: "${link}" is no link. Write "caller -> callee", e.g. "client -> shop".`)
  if (!isHost(to) && !ends.includes(to))
    throw new Error(
      `tolerates: the link "${link}" ends at "${to}", which is no node, store, port or host${suggestion(to, ends)}`,
    )
  if (from !== 'client' && !isHost(from) && !ends.includes(from))
    throw new Error(
      `tolerates: the link "${link}" starts at "${from}", which is no node${suggestion(from, ['client', ...ends])}`,
    )
  return {
    words: `on ${link}`,
    holds: (fault) => fault.at.from === from && fault.at.to === to && !strikesCaller(fault),
  }
}

/** What strikes a node: its process and its clocks, and the messages of the calls that it takes. */
function nodeOf(name: string, ends: readonly string[]): NodeOrLink {
  if (name !== 'client' && !isHost(name) && !ends.includes(name))
    throw new Error(
      `tolerates: "${name}" is no node, host, link or limit${suggestion(name, [...ends, ...limits])} A link is ` +
        '"caller -> callee", e.g. "client -> shop".',
    )
  const struck = (fault: Fault): string => ownNodeOf(fault) ?? (strikesCaller(fault) ? fault.at.from : fault.at.to)
  return { words: `of ${name}`, holds: (fault) => struck(fault) === name }
}

function isHost(name: string): boolean {
  return /[.:]/.test(name) || portNames.has(name)
}
