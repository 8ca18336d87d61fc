// Where an import leads that is neither relative nor a package: `@/lease` by the `paths` of the nearest tsconfig.json,
// `#lease` by the `imports` of the nearest package.json. Simple forms only; another one leads nowhere, which costs some
// lengths of time and nothing else. Must not know what is read there.
import { readFileSync } from 'node:fs'
import path from 'node:path'

/** Where an import may lead, best first: paths that may lack an ending. */
export type ImportPaths = (specifier: string, file: string) => readonly string[]

/** How far up a folder is looked for, and how many configurations may extend each other. */
const [mostFolders, mostExtended] = [40, 5] as const

/** Asks each configuration of a project once. */
export function importPaths(): ImportPaths {
  const [aliases, imports] = [new Map<string, Paths>(), new Map<string, Paths>()]
  return (specifier, file) => {
    const folder = path.dirname(file)
    return specifier.startsWith('#')
      ? targetsOf(specifier, nearest(folder, 'package.json', importsOf, imports))
      : targetsOf(specifier, nearest(folder, 'tsconfig.json', aliasesOf, aliases))
  }
}

/** What patterns like `@/*` stand for: absolute paths. */
type Paths = Readonly<Record<string, readonly string[]>>

function nearest(
  from: string,
  name: string,
  read: (file: string) => Paths | undefined,
  known: Map<string, Paths>,
): Paths {
  let folder = from
  for (let up = 0; up < mostFolders; up++) {
    const found = known.get(folder) ?? read(path.join(folder, name))
    const parent = path.dirname(folder)
    if (found !== undefined || parent === folder) {
      known.set(from, found ?? {})
      return found ?? {}
    }
    folder = parent
  }
  return {}
}

/** The targets of the longest pattern that the specifier matches. */
function targetsOf(specifier: string, paths: Paths): readonly string[] {
  const matches = Object.entries(paths).flatMap(([pattern, targets]) => {
    const [before = '', after] = pattern.split('*')
    if (after === undefined) return specifier === pattern ? [{ length: Infinity, targets }] : []
    if (specifier.length < before.length + after.length) return []
    if (!specifier.startsWith(before) || !specifier.endsWith(after)) return []
    const rest = specifier.slice(before.length, specifier.length - after.length)
    return [{ length: before.length, targets: targets.map((target) => target.replace('*', () => rest)) }]
  })
  return matches.toSorted((a, b) => b.length - a.length)[0]?.targets ?? []
}

/** `compilerOptions.paths`, its own or that of a file which it extends; undefined where there is no such file. */
function aliasesOf(file: string, extended = 0): Paths | undefined {
  const config = readJson(file)
  if (!isObject(config)) return undefined
  const { compilerOptions, extends: base } = config
  const { paths, baseUrl } = isObject(compilerOptions) ? compilerOptions : {}
  if (isObject(paths)) {
    const root = path.resolve(path.dirname(file), typeof baseUrl === 'string' ? baseUrl : '.')
    return mapped(paths, (targets) => (Array.isArray(targets) ? targets : []), root)
  }
  const bases = (Array.isArray(base) ? base.toReversed() : [base]).filter((one) => /^\.{1,2}\//.test(String(one)))
  if (extended < mostExtended)
    for (const one of bases) {
      const written = path.resolve(path.dirname(file), String(one))
      const found = aliasesOf(written.endsWith('.json') ? written : `${written}.json`, extended + 1)
      if (found !== undefined && Object.keys(found).length > 0) return found
    }
  return {}
}

/** `imports`; undefined where there is no such file. */
function importsOf(file: string): Paths | undefined {
  const config = readJson(file)
  if (!isObject(config)) return undefined
  const { imports } = config
  return isObject(imports) ? mapped(imports, conditional, path.dirname(file)) : {}
}

/** A path, or those of all conditions. Of a built file, as of dist/, the source is unknown. */
function conditional(target: unknown): readonly unknown[] {
  return isObject(target) ? Object.values(target).flatMap(conditional) : [target]
}

function mapped(paths: JsonObject, targetsOfOne: (given: unknown) => readonly unknown[], root: string): Paths {
  return Object.fromEntries(
    Object.entries(paths).map(([pattern, given]) => [
      pattern,
      targetsOfOne(given).flatMap((target) => (typeof target === 'string' ? [path.resolve(root, target)] : [])),
    ]),
  )
}

type JsonObject = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A file of JSON, in which comments and commas at the end may stand; undefined where it is none. */
function readJson(file: string): unknown {
  try {
    const uncommented = readFileSync(file, 'utf8').replace(
      /("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[^]*?\*\//g,
      (_, text?: string) => text ?? ' ',
    )
    return JSON.parse(uncommented.replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, (_, text?: string) => text ?? ''))
  } catch {
    return undefined // there is no such file, or it is written in a way that is not understood here
  }
}
