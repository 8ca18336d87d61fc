// A real Redis, for comparison: Debian's redis-server, started here, on a socket in a folder of its own. No server that
// was not started here is ever spoken to.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { RespReader, type RespValue } from './resp.ts'

/** Why there is none; undefined where there is one. */
export function whyNoRedis(): string | undefined {
  try {
    const version = /v=(\S+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1] ?? 'unknown'
    return version.startsWith('7.0.')
      ? undefined
      : `redis-server is ${version}, and not 7.0, which the engine behaves as`
  } catch {
    return 'there is no redis-server to compare with: apt-get install redis-server'
  }
}

/** A server that was started here. */
export interface RealRedis {
  /** On this machine's own address; undefined where it was not asked for. */
  readonly port: number | undefined
  /** CPU that it has used so far, in milliseconds. Linux. */
  cpuMs(): number
  connect(): Promise<RealConnection>
  stop(): Promise<void>
}

/** A connection to it. */
export class RealConnection {
  readonly #socket: net.Socket
  readonly #reader = new RespReader()
  /** All that came, in order. */
  readonly replies: RespValue[] = []
  #heard: (() => void) | undefined

  constructor(socket: net.Socket) {
    this.#socket = socket
    socket.on('data', (bytes: Buffer) => {
      this.replies.push(...this.#reader.read(bytes))
      this.#heard?.()
    })
  }

  /** Sends a command, without waiting for its answer. */
  send(command: readonly string[]): void {
    const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`)
    this.#socket.write(`*${command.length}\r\n${parts.join('')}`)
  }

  /** Sends commands and gives their answers. */
  async ask(commands: readonly (readonly string[])[]): Promise<readonly RespValue[]> {
    const before = this.replies.length
    for (const command of commands) this.send(command)
    while (this.replies.length < before + commands.length) await new Promise<void>((resolve) => (this.#heard = resolve))
    return this.replies.slice(before)
  }

  close(): void {
    this.#socket.destroy()
  }
}

/** Starts a server that keeps nothing, and ends with this process at the latest. */
export async function startRedis(port?: number): Promise<RealRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'two-generals-redis-'))
  const path = join(folder, 'redis.sock')
  const server = spawn(
    'redis-server',
    ['--port', String(port ?? 0), '--bind', '127.0.0.1', '--unixsocket', path, '--dir', folder, '--save', ''],
    {
      stdio: 'ignore',
    },
  )
  const kill = (): void => void server.kill('SIGKILL')
  process.once('exit', kill)
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  for (let waited = 0; !existsSync(path); waited += 10) {
    if (waited > 10_000 || server.exitCode !== null) throw new Error('redis-server did not start')
    await sleep(10)
  }
  return {
    port,
    cpuMs() {
      const tickMs = 10
      const stat = readFileSync(`/proc/${server.pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')')).split(' ')
      return (Number(fields[12]) + Number(fields[13])) * tickMs
    },
    connect: () =>
      new Promise((resolve, reject) => {
        const socket = net.connect(path, () => resolve(new RealConnection(socket))).once('error', reject)
      }),
    async stop() {
      process.removeListener('exit', kill)
      kill()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
