// Test environments with a DOM: stores and hooks of a front end, over the Request, Response and FormData that the
// environment brings. With another vitest (the folder OTHER_VITEST), those environments are tried that it has.
// @module-tag full
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { shopHead, VitestProject } from './vitest-project.ts'

const modules = join(process.env['OTHER_VITEST'] ?? resolve(import.meta.dirname, '..'), 'node_modules')

const frontEnd = `${shopHead}
  const shown = journal('shown')
  const load = op('load', fc.uuid(), async (id) => {
    const form = new FormData()
    form.append('id', id)
    const answer = await fetch('http://shop/', { method: 'POST', body: form, signal: AbortSignal.timeout(3_000) })
    document.body.innerHTML = '<p>' + (await answer.clone().text()) + '</p>'
    await new Promise((resolve) => window.setTimeout(resolve, 5))
    await new Promise((resolve) => requestAnimationFrame(resolve))
    shown.add(document.querySelector('p').textContent === id)
    return answer
  })
  testResilience('front end', { numRuns: 5 }, {
    nodes: { shop: serve(() => async (request) => new Response((await request.formData()).get('id'))) },
    operations: [load], invariants: [always('what came is shown', shown, (all) => all.every(Boolean))],
    clients: 1, tolerates: ['delay', 'lose'], // there is one document
  })
  testResilience('sound', { numRuns: 5 }, sound)
  testResilience('naive', { numRuns: 5 }, naive)`

describe.each(['happy-dom', 'jsdom'])('%s', (environment) => {
  const installed = existsSync(join(modules, environment))
  test('simulates', { timeout: 120_000 }, async ({ skip }) => {
    skip(!installed, `${environment} is not installed in ${modules}`)
    const project = new VitestProject({ environment })
    onTestFinished(() => project.remove())
    project.write('screen.test.ts', frontEnd.replace('assess,', 'always, assess,'))
    const { statuses, failures } = await project.run()

    expect(statuses, JSON.stringify(failures)).toEqual({ 'front end': 'passed', sound: 'passed', naive: 'failed' })
    expect(failures['naive']).toContain('charge happened twice for order#0')
  })
})
