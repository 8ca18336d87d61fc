// The command that runs one test again, ready to paste into a shell.
import { relative } from 'node:path'

/** @param testName the full name: the describe blocks, then the test, without escapes */
export function replayCommand(testFile: string, testName: string): string {
  const pattern = testName.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') // `-t` takes a regular expression
  return `npx vitest run ${relative(process.cwd(), testFile)} -t ${shellQuoted(pattern)}`
}

/** Quotes text for a shell: in double quotes if that is safe, so that plain names stay readable. */
function shellQuoted(text: string): string {
  return /[$`\\"!]/.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : `"${text}"`
}
