// Work of native add-ons, such as bcrypt's in a thread of its own: virtual time stands still until it is done. They
// call back by themselves, so that nobody can put their results in an order; but nothing else happens meanwhile.
import { createHook, type AsyncHook } from 'node:async_hooks'
import { current, enterContext, type Context } from '../context.ts'
import { callerOf, isDirectlyNative } from './user-frame.ts'

/** Whether resources of a type are those of an add-on, once one was seen: only its first one costs a stack. */
const ofAddOns = new Map<string, boolean>()

/** What is under way, by the number of its resource. */
const underWay = new Map<number, { readonly context: Context; readonly done: () => void }>()
let hook: AsyncHook | undefined

/** A resource was made that no part of Node makes, by its name. */
export function nativeWork(id: number, type: string): void {
  if (ofAddOns.get(type) === false) return // nearly all
  const context = current()
  if (context === undefined || !isOfAddOn(type)) return
  const done = context.host.works(context, `${type} of a native add-on`)
  underWay.set(id, { context, done })
  hook ??= createHook({ before: callsBack, after: over, destroy: over })
  if (underWay.size === 1) hook.enable()
}

/** The types of Node's own are in capitals. A package's AsyncResource is no work: it is made by JavaScript. */
function isOfAddOn(type: string): boolean {
  const known = ofAddOns.get(type)
  if (known !== undefined) return known
  const isOne = !/^[A-Z\d_]+$/.test(type) && isDirectlyNative(callerOf(nativeWork))
  ofAddOns.set(type, isOne)
  return isOne
}

/** From Node 24 on, the callback of an add-on runs outside of what its caller ran in. */
function callsBack(id: number): void {
  const work = underWay.get(id)
  if (work !== undefined) enterContext(work.context)
}

function over(id: number): void {
  const work = underWay.get(id)
  if (work === undefined) return
  underWay.delete(id)
  if (underWay.size === 0) hook?.disable()
  enterContext(undefined)
  work.done()
}
