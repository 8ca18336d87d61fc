// The library that knows when a cron expression is due: croner, which the user installs. Loaded where somebody asks for
// a schedule, and waited for as other real work is.
import type { Cron } from 'croner'
import { SetupError } from '../../simulate/setup-error.ts'
import type { Context } from '../../simulate/context.ts'

interface Croner {
  readonly Cron: typeof Cron
}

let loading: Promise<Croner | Error> | undefined

/** Begins to load it; asks for it again where it was begun. */
export function loadCroner(): Promise<Croner | Error> {
  loading ??= import('croner').catch((error: unknown) => {
    return error instanceof Error ? error : new Error(String(error))
  })
  return loading
}

/**
 * The library, for code in a simulation.
 *
 * @throws SetupError if it is not installed, or the expression is none
 */
export async function cronerFor(context: Context, of: string, expression: string): Promise<Croner> {
  const croner = await context.host.await(context, 'import of croner', loadCroner())
  if (croner instanceof Error)
    throw new SetupError(
      `${of}: schedules are croner's, which cannot be loaded (${croner.message}). Install it: ` +
        'npm install --save-dev croner.',
      { cause: croner },
    )
  try {
    new croner.Cron(expression, { paused: true }).stop()
  } catch (error) {
    throw new SetupError(`${of}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
  return croner
}
