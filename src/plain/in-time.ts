// A limit of real time for the user's code that runs outside all simulations.

/** @throws the error of `late` after `limitMs` */
export async function inTime<T>(work: T | PromiseLike<T>, limitMs: number, late: () => Error): Promise<T> {
  if (!Number.isFinite(limitMs)) return work
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), limitMs)
  })
  return Promise.race([work, tooLate]).finally(() => clearTimeout(timer))
}
