// The demo as somebody runs it: what it prints, and that it ends well. (The examples' own tests are beside them.)
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')

test('npm run demo tells each way to fail, and ends with 0', { tags: ['full'] }, () => {
  const told = execFileSync(process.execPath, [resolve(root, 'node_modules/tsx/dist/cli.mjs'), 'examples/demo.ts'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  const inOrder = [
    'x naive',
    'charge happened twice for order#0',
    'reply lost',
    'without it: holds',
    'x textbook, if the shop may crash',
    'charge happened twice for order#0',
    'shop crashes',
    'x textbook, if a request may come twice',
    'charge happened twice for order#0',
    'duplicated, overlapping',
    'ok sound',
    'all ',
    'single faults on one pay: holds',
    'random histories',
    'Faults',
    'never reached',
    'request lost',
    'done, unanswered',
    'reply lost',
    'slow',
    'request delayed by',
    'dead',
    'orders crashes',
    'What the caller saw, every time: 0 ms: invoke',
  ]
  let rest = told
  for (const text of inOrder) {
    expect(rest).toContain(text)
    rest = rest.slice(rest.indexOf(text) + text.length)
  }
})
