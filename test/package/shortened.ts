// The same JavaScript in fewer bytes, still to be read in a stack and in a debugger. Knows nothing of what is built.
import { minify } from 'terser'

/** What terser's tree is read for. */
interface Tree {
  readonly TYPE: string
  readonly start: { comments_before: readonly object[] }
  readonly body?: unknown
  readonly properties?: unknown
}

/** Shorter code for the same, in which every function is still called and every statement stays a statement. */
const simpler = {
  toplevel: true,
  passes: 3,
  ...{
    inline: false,
    reduce_funcs: false,
    pure_getters: true, // no statement reads a property for what that does
    keep_fnames: true,
    keep_classnames: true,
    sequences: false,
    join_vars: false,
  },
}
const asItIs = { module: true, compress: false } as const

/**
 * The same with short names for variables, imports and private members, and without spaces. Functions and classes
 * keep their names, as stacks print them, and each statement of a block, each function and each member of a class
 * begins a line of its own.
 */
export async function shortened(code: string): Promise<string> {
  const parsed: object = await minify(code, {
    ...asItIs,
    compress: simpler,
    mangle: false,
    format: { ast: true, code: false } as object,
  })
  if (!('ast' in parsed) || !isTree(parsed.ast)) throw new Error('terser gave no tree.')
  breakLines(parsed.ast, new Set())
  const tree = parsed.ast as unknown as string // minify takes a tree, which its types do not tell
  const { code: short } = await minify(tree, {
    ...asItIs,
    mangle: { toplevel: true, keep_fnames: true, keep_classnames: true },
    format: { ecma: 2020, semicolons: false, comments: (_, { type, value }) => type === 'comment1' && value === '' },
  })
  if (short === undefined) throw new Error('terser gave no code.')
  return short.replace(/\n+/g, '\n') // it ends lines itself as well; in strings and templates it escapes them
}

/** An empty comment before each statement: of it, terser prints the end of the line alone. */
function breakLines(value: unknown, seen: Set<unknown>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return
  seen.add(value)
  if (isTree(value))
    for (const { start } of linesOf(value)) start.comments_before = [...start.comments_before, lineBreak()]
  for (const [key, part] of Object.entries(value)) if (key !== 'start' && key !== 'end') breakLines(part, seen)
}

/** A new one each time, since terser prints each of them once. */
function lineBreak(): object {
  return { type: 'comment1', value: '', nlb: true }
}

function linesOf({ TYPE, body, properties }: Tree): readonly Tree[] {
  const lines = [body, /Class/.test(TYPE) ? properties : undefined].filter((some) => Array.isArray(some)).flat()
  const trees = lines.filter(isTree)
  return TYPE === 'Arrow' && trees.length === 1 && trees[0]?.TYPE === 'Return' ? [] : trees
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && 'TYPE' in value && 'start' in value
}
