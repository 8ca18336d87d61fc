// The HTTP clients that people use, each sending one POST with JSON and giving the text of the answer.
import http from 'node:http'
import https from 'node:https'
import axios from 'axios'
import got from 'got'
import nodeFetch from 'node-fetch'
import superagent from 'superagent'
import { request } from 'undici'

/** How long each of them waits, in milliseconds. */
export const waitsMs = 500

export const httpClients: Readonly<Record<string, (url: string, body: object) => Promise<string>>> = {
  'http.request': (url, body) => overHttp(url, body),
  'http.request, kept alive': (url, body) => overHttp(url, body, url.startsWith('https:') ? keptSecure : kept),
  axios: async (url, body) => (await axios.post<string>(url, body, { timeout: waitsMs, responseType: 'text' })).data,
  got: (url, body) =>
    got
      .post(url, {
        json: body,
        retry: { limit: 0 },
        timeout: { request: waitsMs },
        https: { rejectUnauthorized: false }, // else it asks for a signature, whatever the environment says
      })
      .text(),
  'node-fetch': async (url, body) =>
    (
      await nodeFetch(url, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: json,
        signal: AbortSignal.timeout(waitsMs),
      })
    ).text(),
  superagent: async (url, body) => (await superagent.post(url).send(body).timeout(waitsMs)).text,
  'undici.request': async (url, body) =>
    (
      await request(url, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: json,
        headersTimeout: waitsMs,
        bodyTimeout: waitsMs,
      })
    ).body.text(),
  fetch: async (url, body) =>
    (
      await fetch(url, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: json,
        signal: AbortSignal.timeout(waitsMs),
      })
    ).text(),
}

const json = { 'content-type': 'application/json' }
const kept = new http.Agent({ keepAlive: true })
const keptSecure = new https.Agent({ keepAlive: true })

function overHttp(url: string, body: object, agent?: http.Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', timeout: waitsMs, headers: json, ...(agent === undefined ? {} : { agent }) }
    const { request: send } = url.startsWith('https:') ? https : http
    const sent = send(url, options, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (piece: string) => (text += piece))
      answer.on('end', () => resolve(text))
      answer.on('error', reject)
    })
    sent.on('timeout', () => sent.destroy(new Error('timed out')))
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  })
}
