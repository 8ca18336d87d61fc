// The command that runs one test again, ready to be pasted into a shell.
import { relative } from 'node:path'

/** @param testName as `vitest -t` takes it, without escapes: the describe blocks, then the test */
export function replayCommand(testFile: string, testName: string): string {
  const pattern = testName.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') // `-t` takes a regular expression
  return `npx vitest run ${relative(process.cwd(), testFile)} -t ${shellQuoted(pattern)}`
}

/** In double quotes where a shell changes nothing between them: plain names stay readable. */
function shellQuoted(text: string): string {
  return /[$`\\"!]/.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : `"${text}"`
}
