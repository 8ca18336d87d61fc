// Refuses, inside a simulation, what would change the real machine or reach the network: writing files, starting
// processes, looking names up. A hundred histories would do it a hundred times. real-work.ts handles reading files.
import childProcess from 'node:child_process'
import cluster from 'node:cluster'
import dns from 'node:dns'
import fs from 'node:fs'
import { isIP } from 'node:net'
import { current, isDead, neverSettles } from '../context.ts'
import { replaceAll, type Callable } from './replace.ts'
import { ofProcess, socketWords } from './socket-words.ts'
import { callerOf, userFrame } from './user-frame.ts'

const fileWrites = [
  'appendFile',
  'chmod',
  'chown',
  'copyFile',
  'cp',
  'lchown',
  'link',
  'lutimes',
  'mkdir',
  'mkdtemp',
  'rename',
  'rm',
  'rmdir',
  'symlink',
  'truncate',
  'unlink',
  'utimes',
  'writeFile',
]
const processes = ['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync']
const lookUps = [
  'lookup',
  'lookupService',
  'resolve',
  'resolve4',
  'resolve6',
  'resolveAny',
  'resolveCname',
  'resolveMx',
  'resolveNs',
  'resolveSrv',
  'resolveTxt',
  'reverse',
]

/** What to do instead. */
const hints: Readonly<Record<string, string>> = {
  child_process: ` (${ofProcess})`,
  cluster: ' (a node is one process, or several by its `instances`)',
}

export function installWrites(): void {
  replaceAll(fs, [...fileWrites, ...fileWrites.map((name) => `${name}Sync`), 'createWriteStream'], refusing('fs'))
  replaceAll(fs.promises, fileWrites, refusing('fs.promises'))
  replaceAll(childProcess, processes, refusing('child_process'))
  replaceAll(cluster, ['fork'], refusing('cluster'))
  replaceAll(dns, lookUps, refusing('dns'))
  replaceAll(dns.promises, lookUps, refusing('dns.promises'))
}

/** This call ends the history. The code after it must not go on as if the call had succeeded. */
function refusing(family: string): (native: Callable, name: string) => Callable {
  return (native, name) =>
    function refuse(this: unknown, ...args: unknown[]): unknown {
      const context = current()
      if (context === undefined || (family.startsWith('dns') && isIP(String(args[0])) > 0))
        return native.apply(this, args)
      // Nothing is thrown at a ghost
      if (isDead(context.life)) return family.endsWith('promises') ? neverSettles() : undefined
      const what = `${family}.${name}`
      const caller = callerOf(refuse)
      const named = family.startsWith('dns') ? socketWords(what, caller, String(args[0])) : what + (hints[family] ?? '')
      context.host.escaped(context, named, userFrame(caller))
      if (family.endsWith('promises')) return neverSettles()
      if (family === 'dns') return undefined // its callback is never called
      throw new Error(`${what} is real, and refused inside a simulation.`)
    }
}
