// Mends js-redis-server 0.3.0: clients that wait in BLPOP and its kin are woken last in, first out. In Redis who has
// waited longest comes first, and before any new command.
import type { RedisTurnHandle, RedisTurnQueue } from 'js-redis-server/core'

type Turn = () => void

/** Who may work on a database: one command at a time. */
export class FairTurns implements RedisTurnQueue {
  readonly #woken: Turn[] = []
  readonly #fresh: Turn[] = []
  #isTaken = false
  /** The command that is about to wait. */
  waiting = ''
  /** The command that has the turn again after it waited; undefined where a new one has it. */
  resumed: string | undefined

  waitTurn(): Promise<RedisTurnHandle> {
    return this.#wait(this.#fresh)
  }

  #wait(line: Turn[], resumed?: string): Promise<RedisTurnHandle> {
    return new Promise((resolve) => {
      line.push(() => {
        this.#isTaken = true
        this.resumed = resumed
        let isMine = true
        const end = (): void => {
          if (!isMine) return
          isMine = false
          this.#isTaken = false
          this.#next()
        }
        const suspend = async (waitFor: Promise<unknown>): Promise<RedisTurnHandle> => {
          const command = this.waiting
          end()
          await waitFor
          return this.#wait(this.#woken, command)
        }
        resolve({ release: end, suspend })
      })
      this.#next()
    })
  }

  #next(): void {
    if (!this.#isTaken) (this.#woken.shift() ?? this.#fresh.shift())?.()
  }
}
