#!/usr/bin/env node
// The executable: the command line with this process's arguments, files and terminal.
import { readFileSync } from 'node:fs'
import { fileText } from './file-text.ts'
import { pageWidth } from '../report/page-width.ts'
import { main } from './main.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
} // our own

process.exitCode = main(process.argv.slice(2), {
  readFile: fileText,
  write: (text) => {
    process.stdout.write(text)
  },
  writeError: (text) => {
    process.stderr.write(text)
  },
  version,
  width: pageWidth(),
  colour: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
})
