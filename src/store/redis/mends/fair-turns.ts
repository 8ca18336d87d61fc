// Mends js-redis-server 0.3.0: clients that wait in BLPOP and its kin are woken last in, first out. In Redis who has
// waited longest comes first, and before any new command.
import type { RedisTurnHandle, RedisTurnQueue } from 'js-redis-server/core'

/** Who may work on a database: one command at a time. */
export class FairTurns implements RedisTurnQueue {
  readonly #woken: (() => void)[] = []
  readonly #fresh: (() => void)[] = []
  #isTaken = false

  waitTurn(): Promise<RedisTurnHandle> {
    return this.#wait(this.#fresh)
  }

  #wait(line: (() => void)[]): Promise<RedisTurnHandle> {
    return new Promise((resolve) => {
      line.push(() => {
        this.#isTaken = true
        let isMine = true
        const end = (): void => {
          if (!isMine) return
          isMine = false
          this.#isTaken = false
          this.#next()
        }
        const suspend = async (waitFor: Promise<unknown>): Promise<RedisTurnHandle> => {
          end()
          await waitFor
          return this.#wait(this.#woken)
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
