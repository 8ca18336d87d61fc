// npm run demo: the three twins of the charge example, with the story of each way to fail; then four silences that look
// the same to the caller. Exits with 1 where a verdict is not the expected one.
import { assess, formatAssessment, simulate, storyOf, type FaultKind, type System } from 'two-generals'
import { charging, naive, sound, textbook } from './charge.ts'
import { asking, callersView, silences } from './save-order.ts'

const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined
const style = { colour, width: Math.min(process.stdout.columns ?? 100, 120) }

interface Case {
  readonly test: string
  readonly system: System
  /** The one fault that breaks it; none where it holds. */
  readonly brokenBy?: FaultKind
}

const cases: readonly Case[] = [
  { test: 'naive: charges whenever it is asked to', system: charging(naive), brokenBy: 'lose' },
  {
    test: 'textbook, if the shop may crash',
    system: { ...charging(textbook), tolerates: ['crash'] },
    brokenBy: 'crash',
  },
  {
    test: 'textbook, if a request may come twice',
    system: { ...charging(textbook), tolerates: ['duplicate'] },
    brokenBy: 'duplicate',
  },
  { test: 'sound: passes one idempotency key on', system: charging(sound) },
]

async function show({ test, system, brokenBy }: Case): Promise<boolean> {
  const assessment = await assess(system)
  console.log(`${formatAssessment(assessment, { test }, style)}\n\n`)
  if (brokenBy === undefined) return assessment.kind === 'holds'
  const plan = assessment.kind === 'violated' ? assessment.counterexample.scenario.plan : undefined
  return plan?.kind === 'listed' && plan.faults.map(({ kind }) => kind).join() === brokenBy
}

async function showSilences(): Promise<boolean> {
  const views = new Set<string>()
  console.log(
    'Four silences. The caller asks for an order to be saved and hears nothing. It cannot tell these apart:\n',
  )
  for (const [name, scenario] of silences) {
    const history = await simulate(asking, scenario)
    views.add(callersView(history).join(', '))
    console.log(`${name}\n${storyOf(history, scenario, style)}\n`)
  }
  for (const view of views)
    console.log(`What the caller saw, ${views.size === 1 ? 'every time' : 'sometimes'}: ${view}`)
  return views.size === 1
}

const surprises: string[] = []
for (const one of cases) if (!(await show(one))) surprises.push(one.test)
if (!(await showSilences())) surprises.push('four silences')
if (surprises.length > 0) {
  console.error(`\nNot as expected: ${surprises.join('; ')}.`)
  process.exitCode = 1
}
