// Reads just enough SQL to classify statements: where one ends, what it does to which table, whether it writes, and
// whether it opens or closes a transaction. Knows the lexical rules of SQLite and PostgreSQL as far as they agree, and
// nothing of databases or simulations.
import { bug } from '../plain/bug.ts'

/** What a statement does to transactions. `connection`: a setting, or VACUUM, which no rollback undoes. */
export type Control =
  'none' | 'begin' | 'commit' | 'rollback' | 'savepoint' | 'release' | 'rollback to' | 'connection' | 'attach'

/** A statement, without its values. */
export interface Statement {
  /** `insert orders`, `create table orders`, `commit`. */
  readonly operation: string
  /** Whether it is a writing statement, whatever it actually changed. */
  readonly write: boolean
  readonly control: Control
}

const classified = new Map<string, Statement>()
/** So many different texts contain literals instead of parameters: the memory of them is cleared then. */
const mostClassified = 2_000

/** Classifies the first statement of a text. */
export function classify(sql: string): Statement {
  const before = classified.get(sql)
  if (before !== undefined) return before
  if (classified.size >= mostClassified) classified.clear()
  const statement = statementOf(firstStatement(sql))
  classified.set(sql, statement)
  return statement
}

/** A text's statements, each with its semicolon, without empty ones. A trigger's BEGIN ... END is not split. */
export function splitStatements(sql: string): readonly string[] {
  const pieces: string[] = []
  let start = 0
  let piece: Token[] = []
  const end = (at: number): void => {
    if (piece.length > 0) pieces.push(sql.slice(start, at))
    start = at
    piece = []
  }
  for (const token of tokens(sql)) {
    if (token.text !== ';') piece.push(token)
    else if (!isTrigger(piece) || endsTrigger(piece)) end(token.end)
    else piece.push(token)
  }
  end(sql.length)
  return pieces
}

/** As in sqlite3_complete: a trigger ends with `; END ;`, while a CASE ends without the first semicolon. */
function endsTrigger(piece: readonly Token[]): boolean {
  return piece.at(-1)?.word === 'END' && piece.at(-2)?.text === ';'
}

function isTrigger(piece: readonly Token[]): boolean {
  const words = piece
    .slice(0, 6)
    .map((token) => token.word)
    .filter((word) => !/^(?:EXPLAIN|QUERY|PLAN|TEMP|TEMPORARY)$/.test(word))
  return words[0] === 'CREATE' && words[1] === 'TRIGGER'
}

interface Token {
  readonly text: string
  /** In capitals where it may be a keyword; otherwise empty. */
  readonly word: string
  readonly end: number
}

const lexicon = new RegExp(
  [
    String.raw`(?<space>\s+|--[^\n]*|/\*[^]*?(?:\*/|$))`,
    String.raw`(?<quoted>'[^']*'?(?:'[^']*'?)*|"[^"]*"?(?:"[^"]*"?)*|\`[^\`]*\`?(?:\`[^\`]*\`?)*|\[[^\]]*\]?)`,
    String.raw`(?<parameter>[@:$][\w$\u0080-\uffff]+|\?\d*)`,
    String.raw`(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`,
    String.raw`\d[\w.]*|[^]`,
  ].join('|'),
  'y',
)

function* tokens(sql: string): Generator<Token> {
  let end = 0
  while (end < sql.length) {
    lexicon.lastIndex = end
    const match = lexicon.exec(sql)
    if (match === null) bug(`the SQL lexicon has no token at ${end} of "${sql}".`)
    end += match[0].length
    if (match.groups?.['space'] === undefined)
      yield { text: match[0], word: match.groups?.['word']?.toUpperCase() ?? '', end }
  }
}

/** The tokens of the first statement. */
function firstStatement(sql: string): readonly Token[] {
  const found: Token[] = []
  for (const token of tokens(sql)) {
    if (token.text !== ';') found.push(token)
    else if (found.length > 0) break
  }
  return found
}

const readStatement = (operation: string): Statement => ({ operation, write: false, control: 'none' })
const writeStatement = (operation: string): Statement => ({ operation, write: true, control: 'none' })

function statementOf(words: readonly Token[]): Statement {
  const verb = words[0]?.word ?? ''
  switch (verb) {
    case 'WITH':
      return statementOf(words.slice(afterTables(words)))
    case 'SELECT':
      return readStatement(withName('select', nameAt(words, fromOf(words))))
    case 'INSERT':
    case 'REPLACE':
      return writeStatement(withName(verb.toLowerCase(), nameAfter(words, 'INTO')))
    case 'UPDATE':
      return writeStatement(withName('update', nameAt(words, words[1]?.word === 'OR' ? 3 : 1)))
    case 'DELETE':
      return writeStatement(withName('delete', nameAfter(words, 'FROM')))
    case 'TRUNCATE':
      return writeStatement(withName('truncate', nameAt(words, words[1]?.word === 'TABLE' ? 2 : 1)))
    case 'MERGE':
      return writeStatement(withName('merge', nameAfter(words, 'INTO')))
    case 'CREATE':
    case 'DROP':
    case 'ALTER':
      return writeStatement(schemaChange(words))
    case 'PRAGMA':
      return pragma(words)
    case 'BEGIN':
    case 'START':
    case 'COMMIT':
    case 'END':
    case 'ROLLBACK':
    case 'ABORT':
    case 'SAVEPOINT':
    case 'RELEASE':
      return transaction(words)
    case 'ATTACH':
      return { operation: 'attach', write: false, control: 'attach' }
    case 'VACUUM':
    case 'DETACH':
      return { operation: verb.toLowerCase(), write: false, control: 'connection' }
    default:
      return readStatement(verb.toLowerCase())
  }
}

function withName(verb: string, name: string): string {
  return name === '' ? verb : `${verb} ${name}`
}

/** The index of the main statement, after its WITH clause. */
function afterTables(words: readonly Token[]): number {
  return outermost(words, (word) => /^(?:SELECT|VALUES|INSERT|REPLACE|UPDATE|DELETE|MERGE)$/.test(word)) ?? words.length
}

/** The index of a SELECT's first table: in the outermost FROM, or in the first one that names a table. */
function fromOf(words: readonly Token[]): number {
  const outer = outermost(words, (word) => word === 'FROM')
  if (outer !== undefined && words[outer + 1]?.text !== '(') return outer + 1
  const inner = words.findIndex((token, index) => token.word === 'FROM' && words[index + 1]?.text !== '(')
  return inner === -1 ? words.length : inner + 1
}

function outermost(words: readonly Token[], wanted: (word: string) => boolean): number | undefined {
  let depth = 0
  for (const [index, token] of words.entries()) {
    if (token.text === '(') depth += 1
    else if (token.text === ')') depth -= 1
    else if (depth === 0 && index > 0 && wanted(token.word)) return index
  }
  return undefined
}

function nameAfter(words: readonly Token[], keyword: string): string {
  const index = words.findIndex((token) => token.word === keyword)
  return index === -1 ? '' : nameAt(words, index + 1)
}

/** The name at an index, without its schema and quotes. */
function nameAt(words: readonly Token[], index: number): string {
  const token = words[words[index + 1]?.text === '.' ? index + 2 : index]
  if (token === undefined) return ''
  if (token.word !== '') return token.text
  const quote = token.text[0] ?? ''
  return '"`[\''.includes(quote) ? token.text.slice(1, -1).replaceAll(quote + quote, quote) : ''
}

function schemaChange(words: readonly Token[]): string {
  const [verb, ...rest] = words
  const plain = rest.filter((token) => !/^(?:TEMP|TEMPORARY|UNIQUE|VIRTUAL|IF|NOT|EXISTS)$/.test(token.word))
  return withName(`${verb?.text} ${plain[0]?.text ?? ''}`.toLowerCase(), nameAt(plain, 1))
}

/** Settings that are stored in the database, so that a rollback undoes them. */
const storedPragma = /^(?:user_version|application_id)$/i
/** Pragmas that take an argument and only read. */
const askingPragma = new RegExp(
  '^(?:table_info|table_xinfo|table_list|index_list|index_info|index_xinfo|foreign_key_list|foreign_key_check|' +
    'integrity_check|quick_check)$',
  'i',
)
/** Pragmas that change something without an argument. */
const actingPragma = /^(?:wal_checkpoint|optimize|incremental_vacuum|shrink_memory)$/i

function pragma(words: readonly Token[]): Statement {
  const name = nameAt(words, 1).toLowerCase()
  const behind = words[words[2]?.text === '.' ? 4 : 2]?.text
  const sets = behind === '=' || (behind === '(' && !askingPragma.test(name))
  if (sets && storedPragma.test(name)) return writeStatement(`pragma ${name}`)
  return { operation: `pragma ${name}`, write: false, control: sets || actingPragma.test(name) ? 'connection' : 'none' }
}

function transaction(words: readonly Token[]): Statement {
  switch (words[0]?.word) {
    case 'BEGIN':
    case 'START':
      return { operation: 'begin', write: false, control: 'begin' }
    case 'SAVEPOINT':
      return { operation: 'savepoint', write: false, control: 'savepoint' }
    case 'RELEASE':
      return { operation: 'release', write: false, control: 'release' }
    case 'ROLLBACK':
    case 'ABORT':
      return words.some((token) => token.word === 'TO')
        ? { operation: 'rollback to', write: false, control: 'rollback to' }
        : { operation: 'rollback', write: false, control: 'rollback' }
    default:
      return { operation: 'commit', write: true, control: 'commit' }
  }
}
