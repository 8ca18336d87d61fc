import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { replayCommand } from '../../src/report/replay-command.ts'

const file = join(process.cwd(), 'test/checkout.test.ts')

test('a plain name stays readable', () => {
  expect(replayCommand(file, 'an order is charged once')).toBe(
    'npx vitest run test/checkout.test.ts -t "an order is charged once"',
  )
})

test.each(['charges $5 (twice?)', 'it\'s "quoted"', 'a\\b `c`', 'wow!', '[x] {y} ^z|w*+.'])(
  'a shell hands %j on as a regular expression that matches it alone',
  (name) => {
    const quoted = replayCommand(file, name).split(' -t ')[1] ?? ''

    const pattern = execFileSync('sh', ['-c', `printf %s ${quoted}`], { encoding: 'utf8' })

    expect(name).toMatch(new RegExp(`^${pattern}$`))
  },
)
