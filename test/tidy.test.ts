// STYLE as a test: who may import whom, what may not be called, how a file opens. Reads the sources as text; a rule
// that needs types is oxlint's (.oxlintrc.json). Each failure names the file and the line.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const src = resolve(import.meta.dirname, '../src')

interface Source {
  /** Relative to `src`. */
  readonly path: string
  readonly text: string
  /** The text without comments, and with empty string literals. Lines keep their numbers. */
  readonly code: string
  readonly imports: readonly Import[]
}

interface Import {
  /** As written, or relative to `src` for the package's own files. */
  readonly target: string
  readonly own: boolean
  readonly sort: 'value' | 'type' | 'dynamic'
}

const importPattern = /^(import|export)( type)?\b[^'"`;=]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm

const sources: readonly Source[] = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .sort()
  .map(read)

function read(path: string): Source {
  const text = readFileSync(join(src, path), 'utf8')
  return { path, text, code: codeOf(text), imports: importsOf(path, text) }
}

/** Type-only imports too; doc comments are indented with a star, so that their examples don't count. */
function importsOf(path: string, text: string): readonly Import[] {
  return [...text.replaceAll(/^\s*(\/\/|\*|\/\*).*$/gm, '').matchAll(importPattern)].map(
    ([, , type, from, bare, dynamic]) => {
      const written = from ?? bare ?? dynamic ?? ''
      const own = written.startsWith('.')
      const target = own ? relative(src, resolve(src, dirname(path), written)) : written
      return { target, own, sort: dynamic !== undefined ? 'dynamic' : type === undefined ? 'value' : 'type' }
    },
  )
}

function codeOf(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ''))
    .replaceAll(/'(?:\\.|[^'\\\n])*'/g, "''")
    .replaceAll(/(^|[^:\\])\/\/.*$/gm, '$1')
}

/** A line with empty texts and patterns in place of its own. */
function withoutTexts(line: string): string {
  return line.replaceAll(
    /'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`|\/(?:\\.|[^/\\ ])(?:\\.|[^/\\])*\//g,
    "''",
  )
}

/** `file:line` of every match in the code. */
function found(pattern: RegExp, except: (path: string) => boolean = () => false): readonly string[] {
  return sources
    .filter(({ path }) => !except(path))
    .flatMap(({ path, code }) =>
      code.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [])),
    )
}

/** The entry points. */
const doors = [
  'index.ts',
  'preload.ts',
  'vitest.ts',
  'jepsen.ts',
  'lambda.ts',
  'as-if-alone.ts',
  'postgres.ts',
  'queues.ts',
  'redis.ts',
  'stores.ts',
  'tolerance.ts',
  'conformance.ts',
]

describe('rings', () => {
  const importsOfPath = new Map(
    sources.map(({ path, imports }) => [path, imports.filter(({ own }) => own).map(({ target }) => target)]),
  )

  /** All files that an entry point needs, itself included. */
  function neededBy(door: string): readonly string[] {
    const needed = new Set([door])
    for (const path of needed) for (const target of importsOfPath.get(path) ?? []) needed.add(target)
    return [...needed]
  }

  test('the core needs no optional entry, and none of them needs another, but for the one that tests begin with', () => {
    const parts: Readonly<Record<string, RegExp>> = {
      'vitest.ts': /^((vitest|verify|assess-saved|open-given)\.ts|oracle\/|findings\/)/,
      'jepsen.ts': /^(jepsen\.ts|read\/|cli\/)/,
      'queues.ts': /^(queues\.ts|queue\/)/,
      'redis.ts': /^(redis\.ts|store\/redis\/)/,
      'tolerance.ts': /^(tolerance\.ts|tolerance\/)/,
      'conformance.ts': /^(conformance\.ts|conformance\/)/,
      'stores.ts': /^(stores\.ts|store\/d1\/|transport\/instrument\.ts)/,
      'as-if-alone.ts': /^(as-if-alone\.ts|alone\/)/,
      'postgres.ts': /^(postgres\.ts|store\/postgres\/)/,
    }
    // A test without invariants begins with what needs none
    const isBegunWith = (door: string, other: string): boolean => door === 'vitest.ts' && other === 'as-if-alone.ts'
    for (const door of doors)
      for (const [other, part] of Object.entries(parts))
        if (other !== door && !isBegunWith(door, other))
          expect(neededBy(door).filter((path) => part.test(path))).toEqual([])
  })

  test('every file is needed by an entry point or by the command line', () => {
    const needed = new Set([...doors, 'cli/bin.ts'].flatMap(neededBy))
    expect(sources.map(({ path }) => path).filter((path) => !needed.has(path))).toEqual([])
  })
})

describe('layers', () => {
  /** The loop and the doors: they tie the stages together. */
  const ties = [
    ...doors,
    'assess-saved.ts',
    'explain-failure.ts',
    'learn.ts',
    'open-given.ts',
    'strategies.ts',
    'property.ts',
    'resilience.ts',
    'scenario-arbitrary.ts',
    'simulation.ts',
    'verify.ts',
  ]
  const nouns = ['plain', 'scenario', 'history', 'verdict', 'system']
  const stages = ['generate', 'read', 'explore', 'simulate', 'check', 'shrink', 'saved', 'alone']
  const rooms = [
    ...nouns,
    ...stages,
    'assessment',
    'transport',
    'store',
    'queue',
    'report',
    'cli',
    'oracle',
    'findings',
    'tolerance',
    'conformance',
  ]

  const roomOf = (path: string): string => {
    if (path === 'assessment.ts') return 'assessment'
    return ties.includes(path) ? 'tie' : (path.split('/')[0] ?? '')
  }
  const mayImport = (room: string): readonly string[] => {
    const below = nouns.indexOf(room)
    if (below >= 0) return nouns.slice(0, below + 1)
    if (stages.includes(room)) return [room, ...nouns]
    switch (room) {
      case 'transport':
      case 'store':
        return [room, 'simulate', ...nouns]
      case 'queue':
        return [room, 'transport', 'simulate', ...nouns]
      case 'oracle':
        return [room, 'tie', 'assessment', 'generate', 'simulate', ...nouns]
      case 'findings':
        return [room, 'tie', 'assessment', 'generate', 'explore', 'shrink', 'check', 'alone', 'report', ...nouns]
      case 'tolerance':
        return [room, 'tie', 'generate', 'explore', 'simulate', 'report', ...nouns]
      case 'assessment':
        return [room, 'saved', ...nouns]
      case 'report':
        return [room, 'assessment', ...nouns]
      case 'cli':
        return [room, 'read', 'check', 'report', ...nouns]
      case 'conformance':
        return [room, 'tie', 'simulate', 'check', 'transport', ...nouns]
      case 'tie':
        return ['tie', ...rooms]
      default:
        return []
    }
  }

  test('every file has a room', () => {
    expect(sources.filter(({ path }) => mayImport(roomOf(path)).length === 0).map(({ path }) => path)).toEqual([])
  })

  test('nouns import nouns below them, stages import nouns and never each other, transports and stores also the kernel', () => {
    expect(
      sources.flatMap(({ path, imports }) =>
        imports
          .filter(({ own, target }) => own && !mayImport(roomOf(path)).includes(roomOf(target)))
          .map(({ target }) => `${path} -> ${target}`),
      ),
    ).toEqual([])
  })

  test('nobody imports the entries, and nothing else is a barrel', () => {
    const importsEntry = sources.filter(({ imports }) =>
      imports.some(({ own, target }) => own && (doors.includes(target) || target === 'cli/bin.ts')),
    )
    const barrels = sources.filter(
      ({ path, code }) =>
        !doors.includes(path) && code.replaceAll(/^export (type )?\{[^}]*\} from ''/gm, '').trim() === '',
    )
    expect([...importsEntry, ...barrels].map(({ path }) => path)).toEqual([])
    expect(found(/^export \*/)).toEqual([])
  })

  test('imports make no cycle, type-only ones included', () => {
    expect(
      cycleIn(
        new Map(
          sources.map(({ path, imports }) => [path, imports.filter(({ own }) => own).map(({ target }) => target)]),
        ),
      ),
    ).toBeUndefined()
  })

  test('a cycle would be found', () => {
    expect(
      cycleIn(
        new Map([
          ['a', ['b']],
          ['b', ['c', 'd']],
          ['c', []],
          ['d', ['b']],
        ]),
      ),
    ).toBe('b -> d -> b')
  })
})

/** The first cycle of a graph, in words. */
function cycleIn(graph: ReadonlyMap<string, readonly string[]>): string | undefined {
  const done = new Set<string>()
  const visit = (node: string, path: readonly string[]): string | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node].join(' -> ')
    if (done.has(node)) return undefined
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next, [...path, node])
      if (cycle !== undefined) return cycle
    }
    done.add(node)
    return undefined
  }
  for (const node of graph.keys()) {
    const cycle = visit(node, [])
    if (cycle !== undefined) return cycle
  }
  return undefined
}

describe('packages', () => {
  const outside = sources.flatMap(({ path, imports }) =>
    imports.filter(({ own }) => !own).map((one) => ({ path, ...one })),
  )

  test('only the entries ./vitest and ./conformance import vitest', () => {
    const mayImportVitest = (path: string): boolean => path === 'vitest.ts' || path.startsWith('conformance/')
    expect(outside.filter(({ path, target }) => /^(vitest|@vitest)\b/.test(target) && !mayImportVitest(path))).toEqual(
      [],
    )
  })

  test('node:sqlite, absent from Node below 22.13, is only a type', () => {
    expect(outside.filter(({ target, sort }) => target === 'node:sqlite' && sort !== 'type')).toEqual([])
  })

  test('msw, an optional peer, is only a type, or loaded when there are stubs', () => {
    expect(outside.filter(({ target, sort }) => /^msw\b/.test(target) && sort === 'value')).toEqual([])
  })

  test('croner, an optional peer, is only a type, or loaded for a schedule', () => {
    expect(outside.filter(({ target, sort }) => target === 'croner' && sort === 'value')).toEqual([])
  })

  test('js-redis-server, an optional peer, is only a type, or loaded for a store', () => {
    expect(outside.filter(({ target, sort }) => target.startsWith('js-redis-server') && sort === 'value')).toEqual([])
  })

  test('nothing else is imported that users would have to install', () => {
    const known = /^(node:|fast-check$|vitest$|msw$|croner$|js-redis-server\/core$)/
    expect(outside.filter(({ target }) => !known.test(target))).toEqual([])
  })
})

describe('determinism', () => {
  const globals = (path: string): boolean => path.startsWith('simulate/globals')

  test('randomness is keyed: Math.random only chooses the seed of TWO_GENERALS_SEED=random', () => {
    expect(
      found(
        /\bMath\.random\b|\bgetRandomValues\b|\brandom(UUID|Bytes|Int|FillSync)\b/,
        // What PostgreSQL draws reaches the patched function, which is keyed
        (path) => globals(path) || path === 'explore/seed-of.ts' || path === 'store/postgres/entropy.ts',
      ),
    ).toEqual([])
  })

  test('time is virtual: the real clock only limits how long a test explores and waits', () => {
    // drain and run give real work a real limit; the stopwatch is for the limit of a test.
    const realLimits = ['simulate/drain.ts', 'simulate/run.ts', 'plain/stopwatch.ts']
    expect(
      found(
        /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bhrtime\b/,
        (path) => globals(path) || realLimits.includes(path),
      ),
    ).toEqual([])
  })

  test('timers are virtual: only draining takes real turns of the event loop', () => {
    // watchdog is the script of another thread, whose timers are its own; the clients of conformance are code under
    // test; in-time limits the user's set-up, which runs outside.
    expect(
      found(
        /(^|[^.\w])(setTimeout|setInterval|setImmediate|queueMicrotask)\(|\bprocess\.nextTick\(/,
        (path) =>
          globals(path) ||
          path.startsWith('conformance/') ||
          path.startsWith('transport/sockets/') || // a tick later, as Node's sockets tell it
          ['simulate/drain.ts', 'simulate/watchdog.ts', 'plain/in-time.ts'].includes(path),
      ),
    ).toEqual([])
  })
})

describe('kernel', () => {
  test('knows no wire: what a call is in HTTP belongs to its transport', () => {
    // Globals stand in for the platform's own fetch and Response; the watchdog asks Node's inspector for its address.
    const platform = (path: string): boolean => path.startsWith('simulate/globals') || path === 'simulate/watchdog.ts'
    const words = /\b(https?|status(es)?|headers?|retry-after|html|urls?)\b/i
    const naming = sources.filter(
      ({ path, text }) => path.startsWith('simulate/') && !platform(path) && words.test(text),
    )
    expect(naming.map(({ path, text }) => `${path}: ${words.exec(text)?.[0]}`)).toEqual([])
  })
})

describe('faults', () => {
  test('a kind is known to its own file only: nobody else compares kinds with a name', () => {
    const ofFaults = (path: string): boolean => path.startsWith('scenario/fault/')
    expect(found(/\bfault\.kind (===|!==) '|\bswitch \(fault\.kind\)/, ofFaults)).toEqual([])
    const kinds = sources
      .filter(({ path, text }) => ofFaults(path) && /^export const \w+: FaultSpec</m.test(text))
      .map(({ path }) => path)
    const importers = sources.filter(
      ({ path, imports }) => !ofFaults(path) && imports.some(({ target }) => kinds.includes(target)),
    )
    expect(importers.map(({ path }) => path)).toEqual([])
  })
})

describe('house style', () => {
  test('no any, no enum, no non-null assertion, no @ts-ignore', () => {
    expect(found(/[:<|&(,]\s*any\b(?!\()|\bas any\b|\bany\[\]/)).toEqual([])
    expect(found(/^\s*(export |declare |const )*enum\s/)).toEqual([])
    expect(found(/[\w)\]]!(?=[.[;,)\]}]|\s*$)/)).toEqual([])
    expect(
      sources.filter(({ text }) => /@ts-(ignore|expect-error|nocheck)/.test(text)).map(({ path }) => path),
    ).toEqual([])
  })

  test('nothing is left to do, and nothing prints but the test of the vitest entry', () => {
    expect(sources.filter(({ text }) => /\b(TODO|FIXME|XXX|HACK)\b/.test(text)).map(({ path }) => path)).toEqual([])
    expect(found(/\bconsole\.\w+\(/, (path) => path === 'verify.ts')).toEqual([])
  })

  test('every file opens by saying what it owns', () => {
    expect(sources.filter(({ text }) => !/^(#!.*\n)?\/\/ \S/.test(text)).map(({ path }) => path)).toEqual([])
  })

  test('every file can be explained: no more than 300 lines', () => {
    expect(
      sources
        .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
        .filter(({ lines }) => lines > 300),
    ).toEqual([])
  })

  test('an exported type is the only one of its name', () => {
    const declared = sources.flatMap(({ path, code }) =>
      Array.from(code.matchAll(/^(export )?(?:interface|type|class) (\w+)/gm), ([, exported, name = '']) => ({
        path,
        name,
        isExported: exported !== undefined,
      })),
    )
    const twice = [...Map.groupBy(declared, ({ name }) => name)]
      .filter(([, all]) => all.length > 1 && all.some(({ isExported }) => isExported))
      .map(([name, all]) => `${name}: ${all.map(({ path }) => path).join(', ')}`)
    expect(twice).toEqual([])
  })

  test('no line is longer than 120 columns', () => {
    const root = resolve(src, '..')
    const paths = ['src', 'test', 'examples'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.ts'))
        .map((path) => join(folder, path)),
    )
    const long = paths.flatMap((path) => {
      // In tests a text that is compared stands in one piece, however long.
      const measured = path.startsWith('test') ? withoutTexts : (line: string): string => line
      const lines = readFileSync(join(root, path), 'utf8').split('\n')
      return lines.flatMap((line, index) => (measured(line).length > 120 ? [`${path}:${index + 1}`] : []))
    })
    expect(long).toEqual([])
  })

  test('no two files have one name', () => {
    const twice = Map.groupBy(
      sources.map(({ path }) => path),
      (path) => path.split('/').at(-1),
    )
    expect([...twice.values()].filter((paths) => paths.length > 1)).toEqual([])
  })

  test('names say what a thing is', () => {
    expect(
      sources
        .filter(({ path }) => !/^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(path))
        .map(({ path }) => path),
    ).toEqual([])
    expect(
      sources
        .filter(({ path }) => /(^|\/)(utils?|helpers?|common|misc|types|constants)(\/|\.ts$)/.test(path))
        .map(({ path }) => path),
    ).toEqual([])
    expect(
      found(
        /^export (abstract )?(class|interface|type|function|const) (\w*(Impl|Manager|Helper|Utils?|Base)\b|I[A-Z][a-z])/,
      ),
    ).toEqual([])
  })
})

test('documents name files and scripts that exist', () => {
  const root = resolve(src, '..')
  const documents = [
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
  ]
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>
  }
  const missing = documents.flatMap((document) => {
    const text = readFileSync(join(root, document), 'utf8')
    const paths = [...text.matchAll(/(?<![\w/.])(?:\.\.\/)?((?:src|test|docs|examples|\.ci)\/[\w./-]*\w)/g)]
    const named = [...text.matchAll(/npm run ([\w:]+)/g)]
    return [
      ...paths.map(([, path = '']) => path).filter((path) => !existsSync(join(root, path))),
      ...named.map(([, script = '']) => script).filter((script) => !(script in scripts)),
    ].map((name) => `${document}: ${name}`)
  })
  expect(missing).toEqual([])
})

test('there are sources to look at, and their imports are seen', () => {
  expect(sources.length).toBeGreaterThan(80)
  expect(sources.find(({ path }) => path === 'transport/outside.ts')?.imports).toContainEqual({
    target: 'msw',
    own: false,
    sort: 'dynamic',
  })
  expect(sources.find(({ path }) => path === 'scenario/fault/kinds.ts')?.imports).toContainEqual({
    target: 'scenario/fault/crash.ts',
    own: true,
    sort: 'value',
  })
})
