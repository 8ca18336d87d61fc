// At the end of a run, names the files in which nothing ran, and why: a green run must not hide what it did not test.
import { relative } from 'node:path'
import type { TestCase, TestModule, TestProject } from 'vitest/node'

/** Vitest's global set-up; what it returns runs at the end. */
export default function setup(project: TestProject): () => void {
  return () => {
    const { vitest } = project
    if (vitest.config.testNamePattern !== undefined) return // the user has chosen what is left out
    const silent = vitest.state.getTestModules().filter(nothingRan)
    if (silent.length === 0) return
    const lines = silent.map(
      (module) => `  ${relative(vitest.config.root, module.moduleId)}: ${whyOf(module, project).join('; ')}`,
    )
    console.warn(`\nNOTHING RAN in ${silent.length} ${silent.length === 1 ? 'file' : 'files'}:\n${lines.join('\n')}\n`)
  }
}

function nothingRan(module: TestModule): boolean {
  const tests = [...module.children.allTests()]
  return module.state() !== 'failed' && tests.every((test) => test.result().state === 'skipped')
}

function whyOf(module: TestModule, { config }: TestProject): readonly string[] {
  const descriptions = new Map(config.tags.map(({ name, description }) => [name, description]))
  const reasonOf = (test: TestCase): string => {
    const result = test.result()
    const note = result.state === 'skipped' ? result.note : undefined
    return note ?? test.tags.map((tag) => descriptions.get(tag)).find((text) => text !== undefined) ?? 'no reason given'
  }
  return [...new Set(Array.from(module.children.allTests(), reasonOf))]
}
