// A PostgreSQL server of our own, for one test file: a throw-away cluster in a temporary folder, which listens on a
// socket of the file system and nowhere else. Ends with its process, however that ends.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startStopwatch } from '../../../plain/stopwatch.ts'
import { Backend } from './backend.ts'
import { copyBinaries, findBinaries, type ServerBinaries } from './server-binaries.ts'

/** A running server. */
export interface PostgresCluster {
  /** The folder of its socket. */
  readonly folder: string
  /** Stops it and removes its files. */
  stop(): Promise<void>
}

/**
 * Nothing runs by itself: no cleaning, no parallel workers, no plans that depend on what ran before. What time decides
 * is decided by the simulation. Nothing is written for a day after.
 */
const settings: Readonly<Record<string, string | number>> = {
  listen_addresses: '',
  max_connections: 200,
  autovacuum: 'off',
  synchronize_seqscans: 'off',
  jit: 'off',
  max_parallel_workers_per_gather: 0,
  plan_cache_mode: 'force_custom_plan',
  deadlock_timeout: '1h',
  io_method: 'sync',
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  wal_level: 'minimal',
  max_wal_senders: 0,
  max_logical_replication_workers: 0,
  shared_buffers: '32MB',
  checkpoint_timeout: '1h',
  track_activities: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'fatal',
}

/** How long a server may take to start, in milliseconds of real time. */
const startCapMs = 60_000

/** @throws where it does not start */
export async function startCluster(): Promise<PostgresCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'two-generals-pg-'))
  try {
    const found = findBinaries()
    const owner = ownerOf(folder)
    const binaries = owner === undefined || runs(found, owner) ? found : copyBinaries(found, join(folder, 'programs'))
    const data = join(folder, 'data')
    const made = spawnSync(
      binaries.initdb,
      ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'],
      { ...owner, encoding: 'utf8', cwd: folder, env: {} },
    )
    if (made.status !== 0) throw new Error(`startPostgres(): initdb failed: ${wordsOf(made)}`, { cause: made.error })
    const given = Object.entries({ ...settings, unix_socket_directories: folder })
    const server = spawn(
      binaries.postgres,
      ['-D', data, ...given.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      { ...owner, cwd: folder, env: {}, stdio: ['ignore', 'ignore', 'pipe'], detached: true },
    )
    return await started(server, folder)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/**
 * PostgreSQL refuses to run as root. Then it runs as `nobody`, the user that every system has.
 *
 * @returns undefined where this user may run it
 */
function ownerOf(folder: string): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const nobody = spawnSync('id', ['-u', 'nobody'], { encoding: 'utf8' })
  const group = spawnSync('id', ['-g', 'nobody'], { encoding: 'utf8' })
  const [uid, gid] = [Number(nobody.stdout), Number(group.stdout)]
  if (nobody.status !== 0 || !Number.isInteger(uid) || !Number.isInteger(gid))
    throw new Error(
      `startPostgres(): PostgreSQL does not run as ${userInfo().username}, and this system has no user "nobody" to ` +
        'run it as. Run the tests as another user.',
    )
  chownSync(folder, uid, gid)
  chmodSync(folder, 0o755)
  return { uid, gid }
}

function runs({ postgres }: ServerBinaries, owner: { readonly uid: number; readonly gid: number }): boolean {
  return spawnSync(postgres, ['--version'], { ...owner, cwd: '/', env: {} }).status === 0
}

async function started(server: ChildProcess, folder: string): Promise<PostgresCluster> {
  let said = ''
  server.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-2_000)
  })
  const guard = watchdog(server, folder)
  const waited = startStopwatch()
  while (!(await answers(folder))) {
    if (server.exitCode !== null || waited.elapsedMs() > startCapMs) {
      guard.stdin?.end()
      throw new Error(`startPostgres(): the server did not start. It said: ${said.trim()}`)
    }
    await wait(5)
  }
  for (const one of [server, guard]) one.unref()
  for (const stream of [server.stderr, guard.stdin]) (stream as unknown as { unref?(): void }).unref?.() // sockets
  return {
    folder,
    async stop() {
      const ended = new Promise<void>((done) => guard.once('exit', () => done()))
      guard.ref()
      guard.stdin?.end()
      await ended
    },
  }
}

async function answers(folder: string): Promise<boolean> {
  if (!existsSync(join(folder, '.s.PGSQL.5432'))) return false
  try {
    const backend = await Backend.open(folder)
    backend.close()
    return true
  } catch {
    return false // it is starting up
  }
}

/**
 * Ends the server where its process has ended, by whatever way: the pipe to this shell closes then. Backends that stand
 * still go on first, or the server would wait for them.
 */
function watchdog({ pid }: ChildProcess, folder: string): ChildProcess {
  const script = [
    'cat > /dev/null',
    'kill -QUIT "$1"',
    'n=0; while kill -0 "$1" 2> /dev/null && [ $n -lt 100 ]; do sleep 0.05; n=$((n + 1)); done',
    'kill -KILL "$1" 2> /dev/null; rm -rf "$2"',
  ]
  const given = ['-c', script.join('\n'), 'two-generals-watchdog', String(pid), folder]
  return spawn('/bin/sh', given, { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/' })
}

function wordsOf({ stderr, error }: { readonly stderr: string; readonly error?: Error }): string {
  return error?.message ?? stderr.trim()
}
