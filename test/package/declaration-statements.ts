// Reads a declaration file as tsc writes it: a statement begins at the start of a line, and the comment before it
// belongs to it. Knows nothing of what becomes of the statements.
import { readFileSync } from 'node:fs'

/** One statement of a declaration file. */
export interface Statement {
  readonly text: string
  /** What it declares, or the names that it takes from another file, in that file's words. */
  readonly names: ReadonlyMap<string, string>
  /** The file, or the package, that it takes them from. */
  readonly from?: string
  readonly exports: boolean
}

export function statementsOf(path: string): readonly Statement[] {
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
