// Deletes declarations that no user of an entry point can name or meet in a type. Reads declarations as tsc writes
// them: a statement begins at the start of a line, and the comment before it belongs to it.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** One statement of a declaration file. */
interface Statement {
  readonly text: string
  /** What it declares, or the names that it takes from another file, in that file's words. */
  readonly names: ReadonlyMap<string, string>
  /** The file, or the package, that it takes them from. */
  readonly from?: string
  readonly exports: boolean
}

/** Deletes what is not reached from these entry points: whole files, statements, and names in imports. */
export function pruneDeclarations(folder: string, entries: readonly string[]): void {
  const files = new Map<string, readonly Statement[]>()
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.d.ts')) files.set(join(folder, name), statementsOf(join(folder, name)))
  const reached = new Reached(files)
  for (const entry of entries) reached.everythingIn(entry)
  for (const [path, statements] of files) {
    const kept = statements.flatMap((statement) => reached.kept(path, statement))
    if (kept.length === 0 && !entries.includes(path)) rmSync(path)
    else writeFileSync(path, `${kept.join('\n')}\nexport {};\n`)
  }
}

/** The names that are reached, by file. A name that only a comment mentions counts: its link is to lead somewhere. */
class Reached {
  readonly #files: ReadonlyMap<string, readonly Statement[]>
  readonly #names = new Map<string, Set<string>>()

  constructor(files: ReadonlyMap<string, readonly Statement[]>) {
    this.#files = files
  }

  everythingIn(path: string): void {
    for (const { names } of this.#statements(path)) for (const name of names.keys()) this.#reach(path, name)
  }

  /** What stays of a statement: nothing, all of it, or some of the names that it takes. */
  kept(path: string, { text, names, from, exports }: Statement): readonly string[] {
    const reached = [...names].filter(([name]) => this.#names.get(path)?.has(name) === true)
    if (reached.length === 0) return []
    if (from === undefined || !text.includes('{')) return [text]
    const specifiers = text.slice(text.indexOf('{') + 1, text.indexOf('}')).split(',')
    const wanted = specifiers.filter((one) => reached.some(([name]) => name === localName(one)))
    const typeOnly = /^(?:import|export) type /.test(text) ? ' type' : ''
    return [
      `${exports ? 'export' : 'import'}${typeOnly} { ${wanted.map((one) => one.trim()).join(', ')} } from '${from}';`,
    ]
  }

  #reach(path: string, name: string): void {
    const names = this.#names.get(path) ?? new Set()
    this.#names.set(path, names)
    if (names.has(name)) return
    names.add(name)
    for (const statement of this.#statements(path)) {
      const there = statement.names.get(name)
      if (there === undefined) continue
      if (statement.from === undefined) this.#reachAll(path, statement.text)
      else if (statement.from.startsWith('.')) this.#reach(declarationOf(path, statement.from), there)
    }
  }

  #reachAll(path: string, text: string): void {
    const words = new Set(text.match(/[\w$]+/g))
    for (const { names } of this.#statements(path))
      for (const name of names.keys()) if (words.has(name)) this.#reach(path, name)
  }

  #statements(path: string): readonly Statement[] {
    const statements = this.#files.get(path)
    if (statements === undefined) throw new Error(`${path} is needed and was not emitted.`)
    return statements
  }
}

function declarationOf(path: string, specifier: string): string {
  return join(dirname(path), specifier.replace(/\.[tj]s$/, '.d.ts'))
}

function statementsOf(path: string): readonly Statement[] {
  const chunks = readFileSync(path, 'utf8')
    .replace(/^#!.*\n/, '')
    .split(/^(?=\/\*\*|import |export |declare |interface |type )/m)
  const texts: string[] = []
  let comment = ''
  for (const chunk of chunks) {
    const code = withoutComments(chunk)
    if (code === '') comment += chunk
    else if (code === chunk) {
      texts.push(comment + chunk)
      comment = ''
    } else texts.push(`${texts.pop() ?? ''}${comment}${chunk}`) // a comment before a member of a union
  }
  return texts.map((text) => statementOf(text.trimEnd(), path)).filter(({ names }) => names.size > 0)
}

function withoutComments(text: string): string {
  return text.replace(/^(?:\/\*\*[\s\S]*?\*\/\s*)+/, '')
}

function statementOf(text: string, path: string): Statement {
  const code = withoutComments(text)
  const exports = code.startsWith('export ')
  const taken = /^(?:import|export) (?:type )?\{([\s\S]*?)\} from '([^']+)';$/.exec(code)
  if (taken !== null) {
    const [, specifiers = '', from = ''] = taken
    const names = specifiers.split(',').filter((one) => one.trim() !== '')
    return { text, from, exports, names: new Map(names.map((one) => [localName(one), foreignName(one)])) }
  }
  const all = /^import (?:type )?(?:\* as )?(\w+) from '([^']+)';$/.exec(code)
  if (all !== null) return { text, from: all[2] ?? '', exports, names: new Map([[all[1] ?? '', '*']]) }
  if (code === 'export {};' || /^import '[^']+';$/.test(code)) return { text, exports, names: new Map() }
  const name =
    /^(?:export )?(?:declare )?(?:abstract )?(?:function|const|class|interface|type|namespace) ([\w$]+)/.exec(code)?.[1]
  if (name === undefined) throw new Error(`Cannot read a declaration in ${path}: ${code.slice(0, 80)}`)
  return { text, exports, names: new Map([[name, name]]) }
}

/** `type A as B`: B here. */
function localName(specifier: string): string {
  return /([\w$]+)\s*$/.exec(specifier)?.[1] ?? ''
}

/** `type A as B`: A there. */
function foreignName(specifier: string): string {
  return /^\s*(?:type\s+)?([\w$]+)/.exec(specifier)?.[1] ?? ''
}
