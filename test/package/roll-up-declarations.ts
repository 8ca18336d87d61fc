// Puts the declarations that a user of an entry point can name, or meet in a type, into few files: one for what several
// entries share, and one an entry. A file for each module costs as much as it holds, in imports and headers.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { statementsOf, type Statement } from './declaration-statements.ts'

/** Where the declarations of all users are. */
const shared = 'declarations'

/** A statement, and the file that it is in: its names are those of this file. */
interface Placed {
  readonly path: string
  readonly statement: Statement
}

/** Rolls the declarations in the folder `from` up into the folder `into`. The entry `index` is `index.d.ts` in both. */
export function rollUpDeclarations(from: string, into: string, entries: readonly string[]): void {
  const sources = new Sources(from)
  const exported = new Map(entries.map((entry) => [entry, sources.exportsOf(join(from, `${entry}.d.ts`))]))
  const homes = new Map<Statement, string>()
  for (const [entry, all] of exported)
    for (const { statement } of sources.reached([...all.values()].flat()))
      homes.set(statement, entry === 'index' || homes.has(statement) ? shared : entry)
  const homeOf = ({ statement }: Placed): string => homes.get(statement) ?? shared

  mkdirSync(into, { recursive: true })
  const taken = new Set<string>()
  for (const [entry, all] of exported) {
    const own = sources.all.filter(({ statement }) => homes.get(statement) === entry)
    const imported = sources.usedBy(own).filter(([, found]) => found.some((one) => homeOf(one) === shared))
    const passedOn = [...all].filter(([, found]) => found.some((one) => homeOf(one) === shared)).map(([name]) => name)
    for (const name of [...passedOn, ...imported.map(([name]) => name)]) taken.add(name)
    write(join(into, `${entry}.d.ts`), [
      ...sources.packagesOf(own),
      ...listed(
        'import type',
        imported.map(([name]) => name),
      ),
      ...declared(own, new Set(all.keys())),
      ...listed('export', passedOn),
    ])
  }
  const common = sources.all.filter(({ statement }) => homes.get(statement) === shared)
  write(join(into, `${shared}.d.ts`), [...sources.packagesOf(common), ...declared(common, taken)])
}

/** All declarations that tsc wrote, and what their names mean. */
class Sources {
  readonly all: readonly Placed[]
  readonly #files = new Map<string, readonly Statement[]>()

  constructor(folder: string) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted())
      if (name.endsWith('.d.ts')) this.#files.set(join(folder, name), statementsOf(join(folder, name)))
    this.all = [...this.#files].flatMap(([path, statements]) => statements.map((statement) => ({ path, statement })))
  }

  /** What an entry exports, by name. */
  exportsOf(path: string): ReadonlyMap<string, readonly Placed[]> {
    const exporting = this.#statements(path).filter(({ exports }) => exports)
    return new Map(
      exporting.flatMap(({ names }) => [...names.keys()].map((name) => [name, this.#meaning(path, name)] as const)),
    )
  }

  /** These declarations, and all that they need. */
  reached(from: readonly Placed[]): readonly Placed[] {
    const found = new Map(from.map((one) => [one.statement, one]))
    for (const { path, statement } of found.values())
      for (const name of wordsOf(statement.text))
        for (const one of this.#meaning(path, name)) if (!found.has(one.statement)) found.set(one.statement, one)
    return [...found.values()]
  }

  /** The declarations that these need by name, themselves among them. */
  usedBy(those: readonly Placed[]): readonly (readonly [string, readonly Placed[]])[] {
    const used = new Map<string, readonly Placed[]>()
    for (const { path, statement } of those)
      for (const name of wordsOf(statement.text)) {
        const found = this.#meaning(path, name)
        if (found.length > 0) used.set(name, found)
      }
    return [...used]
  }

  /** The imports from packages that these need. */
  packagesOf(those: readonly Placed[]): readonly string[] {
    const wholes = new Set<string>()
    const names = new Map<string, Set<string>>()
    for (const { path, statement } of those) {
      const words = wordsOf(statement.text)
      for (const { from, names: own } of this.#statements(path))
        for (const [name, foreign] of own) {
          if (from === undefined || from.startsWith('.') || !words.has(name)) continue
          if (foreign === '*') wholes.add(`import type * as ${name} from '${from}';`)
          else names.set(from, (names.get(from) ?? new Set()).add(name))
        }
    }
    return [...wholes, ...[...names].map(([from, some]) => `import type { ${[...some].join(', ')} } from '${from}';`)]
  }

  /** The declarations behind a name in a file: several for an overloaded function, none for what a package has. */
  #meaning(path: string, name: string): readonly Placed[] {
    return this.#statements(path).flatMap((statement) => {
      const foreign = statement.names.get(name)
      if (foreign === undefined) return []
      if (statement.from === undefined) return [{ path, statement }]
      if (!statement.from.startsWith('.')) return []
      if (foreign !== name) throw new Error(`${path} takes ${foreign} as ${name}. One declaration has one name.`)
      return this.#meaning(join(dirname(path), statement.from.replace(/\.[tj]s$/, '.d.ts')), name)
    })
  }

  #statements(path: string): readonly Statement[] {
    const statements = this.#files.get(path)
    if (statements === undefined) throw new Error(`${path} is needed and was not emitted.`)
    return statements
  }
}

/** The names that a declaration needs. Of its comments, those that are linked: `{@link Name}` is to lead somewhere. */
function wordsOf(text: string): ReadonlySet<string> {
  const linked = [...text.matchAll(/\{@link ([\w$]+)/g)].map(([, name = '']) => name)
  const code = text.replace(/\/\*\*[\s\S]*?\*\/|'[^'\n]*'/g, '')
  return new Set([...linked, ...(code.match(/[\w$]+(?![\w$]*\??:)/g) ?? [])])
}

/** The text of declarations. Only what others import is exported. */
function declared(those: readonly Placed[], exported: ReadonlySet<string>): readonly string[] {
  const places = new Map<string, string>()
  return those.map(({ path, statement: { text, names } }) => {
    const [name = ''] = names.keys()
    if ((places.get(name) ?? path) !== path) throw new Error(`${path} and ${places.get(name)} both declare ${name}.`)
    places.set(name, path)
    return exported.has(name) ? text : text.replace(/^export /m, '')
  })
}

function listed(how: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`${how} { ${names.join(', ')} } from './${shared}.js';`]
}

/** Without `export {}`, all that a declaration file declares is exported. */
function write(path: string, lines: readonly string[]): void {
  const text = [...lines, 'export {};', ''].join('\n')
  writeFileSync(
    path,
    text.replace(/^(?: {4})+/gm, (indent) => ' '.repeat(indent.length / 2)),
  )
}
