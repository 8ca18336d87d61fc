// npm run demo: the three twins of the charge example, with the story of each that fails.
import { assess, formatAssessment } from 'two-generals'
import { naive, sound, textbook } from './charge.ts'
import { charging } from './charge.system.ts'

const style = { colour: process.stdout.isTTY && process.env['NO_COLOR'] === undefined, width: 100 }

for (const [test, app] of Object.entries({ naive, textbook, sound })) {
  const assessment = await assess(charging(app))
  console.log(`${formatAssessment(assessment, { test: `${test}: an order is charged and recorded once` }, style)}\n`)
}
