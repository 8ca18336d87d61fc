// Modules that code under test imports while it runs. Under vitest an import asks another thread or process, so it is
// real work that the simulation waits for. The module itself is evaluated outside the simulation, as those are that
// were imported before: it stays loaded for all later histories. Must not know vitest's own types.
import { current, isDead, neverSettles, outsideContext } from '../context.ts'

type Load = (...args: readonly unknown[]) => Promise<unknown>

interface Mocker {
  readonly moduleRunner?: object
  /** Before vitest 4. */
  readonly executor?: object
}

/** What every import passes through: finding the module, and running it. The second two are of vitest before 4. */
const loading = ['cachedModule', 'cachedRequest', 'resolveUrl', 'dependencyRequest']
const awaited = new WeakSet<object>()

/** Lets simulations wait for what vitest loads. Each test file may have a runner of its own. */
export function awaitModules(): void {
  const { __vitest_mocker__: mocker } = globalThis as { readonly __vitest_mocker__?: Mocker } // not public
  const runner = mocker?.moduleRunner ?? mocker?.executor
  if (runner === undefined || awaited.has(runner)) return
  awaited.add(runner)
  for (const name of loading) {
    const native: unknown = Reflect.get(runner, name)
    if (typeof native !== 'function') continue
    const load: Load = (...args) => Reflect.apply(native, runner, args) as Promise<unknown> // as all of these do
    Reflect.set(runner, name, (...args: readonly unknown[]): Promise<unknown> => {
      const context = current()
      if (context === undefined) return load(...args)
      if (isDead(context.life)) return neverSettles()
      return context.host.await(
        context,
        'import()',
        outsideContext(() => load(...args)),
      )
    })
  }
}
