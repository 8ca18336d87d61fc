import { expect, test } from 'vitest'
import { shortened } from './shortened.ts'

const code = `
import { open } from 'node:fs';
export function total(prices) {
  const sum = prices.reduce((before, price) => before + price, 0);
  if (sum < 0) {
    warn(sum);
    return 0;
  }
  return sum;
}
function warn(sum) { (console.log)(\`below
zero: \${sum}\`); }
export class Till {
  #coins = 0;
  add(coin) { this.#coins += coin; return this; }
}
`

test('functions, members of classes, and statements keep their names and begin a line of their own', async () => {
  const lines = (await shortened(code)).split('\n')

  expect(lines).toEqual([
    'import{open as o}from"node:fs"',
    'export function total(o){',
    'const n=o.reduce((o,n)=>o+n,0)',
    'if(n<0){',
    'warn(n)',
    'return 0}',
    'return n}',
    'function warn(o){',
    'console.log(`below\\nzero: ${o}`)}',
    'export class Till{',
    '#o=0',
    'add(o){',
    'this.#o+=o',
    'return this}}',
  ])
})

test('the first line still names the program that runs the file, and other comments go', async () => {
  const short = await shortened('#!/usr/bin/env node\n/** Goes. */\nrun(); // goes\nrun();\n')

  expect(short).toBe('#!/usr/bin/env node\nrun()\nrun()\n')
})

test('what is short means the same', async () => {
  const short = await shortened(
    'export const all = [`a\n\n${1}b`, "\\n\\n", String.raw`c\\n`]\n;[1].map((one) => all.push(one))',
  )

  const { all } = (await import(`data:text/javascript,${encodeURIComponent(short)}`)) as { readonly all: unknown }
  expect(all).toEqual(['a\n\n1b', '\n\n', 'c\\n', 1])
})
