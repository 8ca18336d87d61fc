// An answer that is streamed word by word, as that of a language model, and billed behind its last word. Whoever closes
// the tab before that has read for nothing: Express says that the response is closed, the loop ends, as it should, and
// the line that writes the bill is never reached. The sound one writes the bill where the stream ends, whichever way.
import express, { type Express } from 'express'
import * as fc from 'fast-check'
import { journal, op, saga, serve, type System } from 'two-generals'

/** How the words of an answer are sent, and when they are paid for. */
type Billing = (send: () => Promise<void>, bill: () => void) => Promise<void>

/** An answer that has an end is paid for. */
export const behindTheLastWord: Billing = async (send, bill) => {
  await send()
  bill()
}

/** What was asked of the model is paid for. */
export const howeverItEnds: Billing = async (send, bill) => {
  try {
    await send()
  } finally {
    bill()
  }
}

const [asked, billed] = [journal<string>('asked'), journal<string>('billed')]

const words = ['four', ' words', ' and', ' one']
const thinking = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 200))

function createChat(billing: Billing): Express {
  return express().get('/answers/:question', async ({ params: { question } }, response) => {
    const left = new AbortController()
    response.on('close', () => left.abort())
    const send = async (): Promise<void> => {
      asked.add(question)
      for (const word of words) {
        await thinking()
        left.signal.throwIfAborted() // nobody reads it any more, and each further word costs
        response.write(word)
      }
    }
    try {
      await billing(send, () => billed.add(question))
      response.end()
    } catch {
      response.destroy()
    }
  })
}

const ask = op('ask', fc.uuid(), async (question) => {
  const answer = await fetch(`http://chat/answers/${question}`)
  return answer.text()
})

/** A chat whose readers may leave at any word. */
export function chatting(billing: Billing): System {
  return {
    nodes: { chat: serve(() => createChat(billing)) },
    operations: [ask],
    invariants: [saga([{ done: asked.by((question) => question) }, { done: billed.by((question) => question) }])],
    tolerates: { 'client -> chat': ['leave', 'lose', 'delay', 'reset', 'refuse', 'trickle', 'error'] },
  }
}
