// Mechanical mutants of source text: simple, named operators, each for one mistake that people make. Finds places in
// the syntax tree and edits the text there. Knows no system; a mutant need not even run.
import { parseAst } from 'vitest/node'

/** One changed copy of a source. */
export interface Mutant {
  readonly operator: string
  /** Its line in the source, from 1. */
  readonly line: number
  readonly source: string
}

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
}

/** Replaces a part of the text. */
interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

interface Source {
  readonly text: string
  of(node: Node): string
}

/** All ways in which the operator changes something at a node: each is one mutant, of one edit or several. */
type Operator = (node: Node, source: Source) => readonly (readonly Edit[])[]

const operators: Readonly<Record<string, Operator>> = {
  'drop the idempotency key': (node, source) =>
    node.type === 'ObjectExpression' ? dropped(node, source, (name) => /idempotency-?key/i.test(name)) : [],
  'drop the time limit': (node, source) =>
    node.type === 'ObjectExpression' ? dropped(node, source, (name) => name === 'signal') : [],
  'swap two awaits': (node, source) =>
    pairsIn(node).flatMap(([first, second]) =>
      awaits(first, source) && awaits(second, source) && !needs(second, first, source)
        ? [swapped(first, second, source)]
        : [],
    ),
  'move the write before the check': (node, source) =>
    pairsIn(node).flatMap(([first, second]) =>
      isGuard(first) && second.type === 'ExpressionStatement' ? [swapped(first, second, source)] : [],
    ),
  'drop a compare': (node, source) => {
    if (isLiteral(node))
      return [...source.of(node).matchAll(sqlCompare)].map(({ 0: found, 1: word = '', 2: value = '', index }) => {
        const start = node.start + index
        return [{ start, end: start + found.length, text: `${word} (${value} is not null)` }]
      })
    const test =
      node.type === 'IfStatement' || node.type === 'ConditionalExpression' ? childOf(node, 'test') : undefined
    return test !== undefined && contains(test, isCompare) ? [[{ ...test, text: 'false' }]] : []
  },
  'empty a catch': (node) => {
    const body = node.type === 'CatchClause' ? childOf(node, 'body') : undefined
    return body === undefined ? [] : [[{ ...body, text: '{}' }]]
  },
  'drop an await': (node, source) => {
    const expression = node.type === 'ExpressionStatement' ? childOf(node, 'expression') : undefined
    const argument = expression?.type === 'AwaitExpression' ? childOf(expression, 'argument') : undefined
    return argument === undefined ? [] : [[{ ...node, text: `void ${source.of(argument)}` }]]
  },
  'drop the transaction': (node, source) => {
    if (node.type !== 'BlockStatement') return []
    const edits = childrenOf(node).flatMap(function found(one: Node): readonly Edit[] {
      return isLiteral(one) && /^.(begin|commit)( \w+)?.$/i.test(source.of(one))
        ? [{ ...one, text: "'select 1'" }]
        : childrenOf(one).flatMap(found)
    })
    return edits.length < 2 ? [] : [edits]
  },
}

/** A condition of a statement: `and version = ?`. */
const sqlCompare = /\b(where|and) \w+ (?:=|<=|>=|<|>) (\?|:\w+|\$\d+|\d+)/gi

/**
 * All mutants of some declarations of a source, and of those that they use; none of them twice.
 *
 * @param names of top-level declarations
 */
export function mutantsOf(text: string, names: readonly string[]): readonly Mutant[] {
  const source: Source = { text, of: ({ start, end }) => text.slice(start, end) }
  const found = new Map<string, Mutant>()
  for (const node of nodesUsedBy(names, source))
    for (const [operator, edit] of Object.entries(operators))
      for (const edits of edit(node, source)) {
        const mutated = edited(text, edits)
        const line = text.slice(0, Math.min(...edits.map(({ start }) => start))).split('\n').length
        if (mutated !== text && !found.has(mutated)) found.set(mutated, { operator, line, source: mutated })
      }
  return [...found.values()]
}

/** The nodes of these declarations and of all that they use, without what describes the test. */
function nodesUsedBy(names: readonly string[], source: Source): readonly Node[] {
  const statements = childrenOf(parseAst(source.text, { lang: 'ts' }))
  const used = new Set(names)
  const nodes: Node[] = []
  const visit = (node: Node): void => {
    if (isTest(node, source)) return
    nodes.push(node)
    if (node.type === 'Identifier') used.add(source.of(node))
    childrenOf(node).forEach(visit)
  }
  for (const name of used) for (const statement of statements) if (declares(statement, name)) visit(statement)
  return nodes
}

/** What describes the test, and is not under test: operations, what invariants read, stubs of others. */
function isTest(node: Node, source: Source): boolean {
  if (node.type === 'Property') return /^(invariants|outside|tolerates)$/.test(textOf(childOf(node, 'key'), source))
  if (node.type !== 'CallExpression') return false
  return /^((\w+\.)?op|rows|requests|journal|http\.\w+)$/.test(textOf(childOf(node, 'callee'), source))
}

function textOf(node: Node | undefined, source: Source): string {
  return node === undefined ? '' : source.of(node)
}

function declares(statement: Node, name: string): boolean {
  const declaration = childOf(statement, 'declaration') ?? statement
  const declared = declaration.type === 'VariableDeclaration' ? childrenOf(declaration) : [declaration]
  return declared.some((one) => {
    const id = childOf(one, 'id')
    return id !== undefined && 'name' in id && id.name === name
  })
}

function edited(text: string, edits: readonly Edit[]): string {
  return edits
    .toSorted((a, b) => b.start - a.start)
    .reduce((rest, edit) => rest.slice(0, edit.start) + edit.text + rest.slice(edit.end), text)
}

/** One mutant for each property of such a name, without it. */
function dropped(node: Node, source: Source, isSuch: (name: string) => boolean): readonly (readonly Edit[])[] {
  return childrenOf(node).flatMap((property) => {
    const key = property.type === 'Property' ? textOf(childOf(property, 'key'), source).replaceAll(/['"]/g, '') : ''
    if (!isSuch(key)) return []
    const comma = /^\s*,/.exec(source.text.slice(property.end))?.[0].length ?? 0
    return [[{ start: property.start, end: property.end + comma, text: '' }]]
  })
}

type Pair = readonly [Node, Node]

/** Statements of a block that follow each other. */
function pairsIn(node: Node): readonly Pair[] {
  if (node.type !== 'BlockStatement') return []
  const statements = childrenOf(node)
  return statements.slice(1).flatMap((second, n): readonly Pair[] => {
    const first = statements[n]
    return first === undefined ? [] : [[first, second]]
  })
}

function swapped(first: Node, second: Node, source: Source): readonly Edit[] {
  return [
    { start: first.start, end: first.end, text: source.of(second) },
    { start: second.start, end: second.end, text: source.of(first) },
  ]
}

/** Whether the statement itself waits: not only a function in it. */
function awaits(statement: Node, source: Source): boolean {
  return (
    (statement.type === 'ExpressionStatement' || statement.type === 'VariableDeclaration') &&
    /^(const \S+ = |const \{[^}]*\} = )?\(?await /.test(source.of(statement))
  )
}

/** Whether a statement uses a name that another declares. */
function needs(statement: Node, declaring: Node, source: Source): boolean {
  const [, names = ''] = /^const (\{[^}]*\}|\S+) = /.exec(source.of(declaring)) ?? []
  return (names.match(/\w+/g) ?? []).some((name) => new RegExp(`\\b${name}\\b`).test(source.of(statement)))
}

/** `if (...) return ...` or `if (...) throw ...`. */
function isGuard(node: Node): boolean {
  return (
    node.type === 'IfStatement' && contains(node, ({ type }) => type === 'ReturnStatement' || type === 'ThrowStatement')
  )
}

const compares: readonly unknown[] = ['===', '!==', '<', '>', '<=', '>=']

function isCompare(node: Node): boolean {
  return node.type === 'BinaryExpression' && 'operator' in node && compares.includes(node.operator)
}

function isLiteral({ type }: Node): boolean {
  return type === 'Literal' || type === 'TemplateLiteral'
}

function contains(node: Node, is: (one: Node) => boolean): boolean {
  return is(node) || childrenOf(node).some((one) => contains(one, is))
}

function childOf(node: Node, name: string): Node | undefined {
  const child: unknown = Object.entries(node).find(([key]) => key === name)?.[1]
  return isNode(child) ? child : undefined
}

function childrenOf(node: Node): readonly Node[] {
  return Object.values(node).flatMap((value: unknown) => (Array.isArray(value) ? value : [value]).filter(isNode))
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value && 'end' in value
}
