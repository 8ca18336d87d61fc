import { expect, test } from 'vitest'
import { chosenOptions } from '../../src/report/started-with.ts'

test('of a command line only what decides which tests there are', () => {
  const args = ['run', '--coverage', '-c', 'a=b.ts', 'x.test.ts', '--root=pk/one', '--project', 'p', '--mode', 'full']

  expect(chosenOptions(args)).toEqual(['-c', 'a=b.ts', '--root', 'pk/one', '--mode', 'full'])
})
