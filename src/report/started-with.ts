// The options that vitest was started with and that decide which tests there are. A worker does not get them: they are
// read from the command line of the process that started it, if the system shows that. (vitest 3 overwrites its own
// command line, but not that of the npx, npm or shell that started it.)
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Options whose value decides what is run, as vitest names them. */
const chosen: readonly string[] = ['--config', '-c', '--root', '-r', '--dir', '--mode', '--workspace']

/**
 * Such options of a command line, each with its value.
 *
 * @example chosenOptions(['run', '--config=a.ts', '--coverage']) // ['--config', 'a.ts']
 */
export function chosenOptions(args: readonly string[]): readonly string[] {
  return args.flatMap((arg, index) => {
    const [name = '', ...value] = arg.split('=')
    if (!chosen.includes(name)) return []
    return value.length > 0 ? [name, value.join('=')] : [name, args[index + 1] ?? '']
  })
}

/** A process: its parent, and its command line. */
interface Process {
  readonly parent: number
  readonly args: readonly string[]
}

/** How many processes stand between a worker and the shell: npx, its shell, vitest. */
const mostParents = 4

/** The options of the vitest that runs this worker; none if they cannot be found. */
export function startedWith(): readonly string[] {
  let pid = process.pid
  for (let up = 0; up <= mostParents; up++) {
    const one = processOf(pid)
    // The worker of another vitest may have started this one
    if (one === undefined || (up > 0 && isWorker(one))) return []
    const args = one.args.flatMap(wordsOf)
    const own = args.findIndex((arg) => /(^|[\\/])vitest(\.m?js)?$/.test(arg))
    if (own >= 0) return chosenOptions(args.slice(own + 1))
    pid = one.parent
  }
  return []
}

function isWorker({ args }: Process): boolean {
  return args.some((arg) => /vitest.dist.workers|tinypool/.test(arg))
}

/** A title of a process or a line for a shell holds several words. */
function wordsOf(arg: string): readonly string[] {
  if (!/\bvitest\b.*\s/.test(arg)) return [arg]
  return (arg.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^(["'])(.*)\1$/, '$2'))
}

function processOf(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const afterName = stat.slice(stat.lastIndexOf(')') + 2) // the name may hold anything
    const parent = Number(afterName.split(' ')[1])
    return { parent, args: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0') }
  } catch {
    return listedProcess(pid)
  }
}

/** Where there is no `/proc`. */
function listedProcess(pid: number): Process | undefined {
  try {
    const text = execFileSync('ps', ['-o', 'ppid=,args=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' })
    const [parent, ...args] = text.trim().split(/\s+/)
    return { parent: Number(parent), args }
  } catch {
    return undefined
  }
}
