// SDKs and clients as people configure them, with their own retries, each as one call to one server. What a server
// must answer for it stands beside it.
import http from 'node:http'
import https from 'node:https'
import { text as textOf } from 'node:stream/consumers'
import { Writable } from 'node:stream'
import { Octokit } from '@octokit/core'
import { createTRPCClient, httpBatchLink } from '@trpc/client'
import axios from 'axios'
import { OAuth2Client } from 'google-auth-library'
import got from 'got'
import { GraphQLClient } from 'graphql-request'
import ky from 'ky'
import nodeFetch from 'node-fetch'
import superagent from 'superagent'
import { Agent, RetryAgent, fetch as undiciFetch, request, stream } from 'undici'
import { largeSdk, type LargeSdk } from './large-sdks.ts'

/** How long each of them waits for one answer, in milliseconds. */
export const waitsMs = 2_000

/** A client of a server at an origin. */
export interface SdkClient {
  /** One call, as a user makes it. What it gives is comparable. */
  call(origin: string): Promise<unknown>
  /** What the server answers. */
  readonly answer: object
  /** It must be installed first. */
  readonly needs?: LargeSdk
}

const kept = { httpAgent: new http.Agent({ keepAlive: true }), httpsAgent: new https.Agent({ keepAlive: true }) }
const retrying = {
  limit: 1,
  methods: ['POST' as const],
  calculateDelay: ({ computedValue }: { computedValue: number }) => Math.min(computedValue, 50),
}
const body = { amount: 5 }
const json = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
const limits = { headersTimeout: waitsMs, bodyTimeout: waitsMs }
const signal = (): AbortSignal => AbortSignal.timeout(waitsMs)

/** Retries what POST answered with 500, once, soon. */
const onceMore = { maxRetries: 1, minTimeout: 20, maxTimeout: 20, methods: ['POST' as const], statusCodes: [500] }

export const sdkClients: Readonly<Record<string, SdkClient>> = {
  stripe: {
    needs: 'stripe',
    answer: { id: 'pi_1', object: 'payment_intent' },
    async call(origin) {
      const Stripe = largeSdk('stripe') as new (key: string, options: object) => StripeLike
      const { protocol, hostname, port } = new URL(origin)
      const options = { protocol: protocol.slice(0, -1), host: hostname, ...(port === '' ? {} : { port }) }
      const stripe = new Stripe('sk_test_1', { ...options, maxNetworkRetries: 1, timeout: waitsMs, telemetry: false })
      return (await stripe.paymentIntents.create({ amount: 5, currency: 'eur' })).id
    },
  },
  openai: {
    needs: 'openai',
    answer: { id: 'c1', choices: [{ index: 0, message: { role: 'assistant', content: 'hello' } }] },
    async call(origin) {
      const { OpenAI } = largeSdk('openai') as { OpenAI: new (options: object) => OpenAiLike }
      const openai = new OpenAI({ apiKey: 'k', baseURL: `${origin}/v1`, maxRetries: 1, timeout: waitsMs })
      return (await openai.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'hi' }] })).choices
    },
  },
  'AWS SDK v3, SQS': {
    needs: '@aws-sdk/client-sqs',
    answer: { MessageId: 'm1', MD5OfMessageBody: '92eb5ffee6ae2fec3ad71c777531578f' },
    async call(origin) {
      const { SQSClient, SendMessageCommand } = largeSdk('@aws-sdk/client-sqs') as AwsLike
      const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
      const requestHandler = { requestTimeout: waitsMs, throwOnRequestTimeout: true }
      const sqs = new SQSClient({ region: 'eu-west-1', endpoint: origin, credentials, maxAttempts: 2, requestHandler })
      return (await sqs.send(new SendMessageCommand({ QueueUrl: `${origin}/1/q`, MessageBody: 'b' }))).MessageId
    },
  },
  octokit: {
    answer: { number: 7 },
    async call(origin) {
      const octokit = new Octokit({ baseUrl: origin, request: { signal: signal() }, log: silent })
      return (await octokit.request('POST /repos/{owner}/{repo}/issues', { owner: 'a', repo: 'b', title: 't' })).data
    },
  },
  'google-auth-library': {
    answer: { access_token: 'token', expires_in: 3_600, refresh_token: 'next' },
    async call(origin) {
      const endpoints = { oauth2TokenUrl: `${origin}/token` }
      const auth = new OAuth2Client({
        clientId: 'i',
        clientSecret: 's',
        endpoints,
        transporterOptions: { timeout: waitsMs },
      })
      auth.setCredentials({ refresh_token: 'old' })
      const { data } = await auth.request<object>({
        url: `${origin}/things`,
        method: 'POST',
        data: body,
        timeout: waitsMs,
      })
      return { data, token: auth.credentials.access_token }
    },
  },
  ky: {
    answer: { ok: 1 },
    call: (origin) =>
      ky
        .post(`${origin}/pay`, {
          json: body,
          timeout: waitsMs,
          retry: { limit: 1, methods: ['post'], delay: () => 20 },
        })
        .json(),
  },
  'axios, kept alive': {
    answer: { ok: 1 },
    call: async (origin) => (await axios.post<unknown>(`${origin}/pay`, body, { ...kept, timeout: waitsMs })).data,
  },
  'got, with retries and hooks': {
    answer: { ok: 1 },
    async call(origin) {
      const seen: string[] = []
      const hooks = {
        beforeRequest: [() => void seen.push('request')],
        beforeRetry: [() => void seen.push('retry')],
        afterResponse: [<T>(response: T) => (seen.push('response'), response)],
      }
      const answer = await got
        .post(`${origin}/pay`, { json: body, timeout: { request: waitsMs }, retry: retrying, hooks })
        .json()
      return { answer, seen }
    },
  },
  superagent: {
    answer: { ok: 1 },
    call: async (origin) =>
      (await superagent.post(`${origin}/pay`).send(body).timeout(waitsMs).retry(1)).body as unknown,
  },
  'node-fetch': {
    answer: { ok: 1 },
    call: async (origin) => (await nodeFetch(`${origin}/pay`, { ...json, signal: signal() })).json(),
  },
  'undici.request, with an Agent': {
    answer: { ok: 1 },
    async call(origin) {
      const dispatcher = new Agent(limits)
      try {
        const answer = await request(`${origin}/pay`, { ...json, method: 'POST', dispatcher })
        return [answer.statusCode, await answer.body.text()]
      } finally {
        await dispatcher.destroy()
      }
    },
  },
  'undici.request, with a RetryAgent': {
    answer: { ok: 1 },
    async call(origin) {
      const dispatcher = new RetryAgent(new Agent(limits), onceMore)
      return (await request(`${origin}/pay`, { ...json, method: 'POST', dispatcher })).body.json()
    },
  },
  'undici.stream': {
    answer: { ok: 1 },
    async call(origin) {
      const pieces: Buffer[] = []
      await stream(`${origin}/pay`, { ...json, ...limits, method: 'POST' }, ({ statusCode }) => {
        pieces.push(Buffer.from(`${statusCode} `))
        return new Writable({ write: (piece: Buffer, _, done) => (pieces.push(piece), done()) })
      })
      return Buffer.concat(pieces).toString()
    },
  },
  "npm's undici.fetch": {
    answer: { ok: 1 },
    call: async (origin) => (await undiciFetch(`${origin}/pay`, { ...json, signal: signal() })).json(),
  },
  tRPC: {
    answer: [{ result: { data: { paid: 5 } } }],
    call(origin) {
      const links = [
        httpBatchLink({
          url: `${origin}/trpc`,
          fetch: (url, init) => fetch(url as URL, { ...(init as RequestInit), signal: signal() }),
        }),
      ]
      const client = createTRPCClient({ links }) as unknown as { pay: { mutate(input: object): Promise<unknown> } }
      return client.pay.mutate(body)
    },
  },
  'graphql-request': {
    answer: { data: { pay: { id: 1 } } },
    call: (origin) =>
      new GraphQLClient(`${origin}/graphql`, { signal: signal() }).request('mutation { pay(amount: 5) { id } }'),
  },
  'http.request through node:https or node:http': {
    answer: { ok: 1 },
    call: (origin) =>
      new Promise((resolve, reject) => {
        const { request: send } = origin.startsWith('https:') ? https : http
        const sent = send(`${origin}/pay`, { method: 'POST', timeout: waitsMs }, (answer) => {
          textOf(answer).then((text) => resolve([answer.statusCode, text]), reject)
        })
        sent.on('timeout', () => sent.destroy(new Error('timed out')))
        sent.on('error', reject)
        sent.end(JSON.stringify(body))
      }),
  },
}

const silent = { debug() {}, info() {}, warn() {}, error() {} }

// As much of each as is used: they are not installed when types are checked.

interface StripeLike {
  readonly paymentIntents: { create(intent: object): Promise<{ readonly id: string }> }
}

interface OpenAiLike {
  readonly chat: { readonly completions: { create(chat: object): Promise<{ readonly choices: object[] }> } }
}

interface AwsLike {
  readonly SQSClient: new (options: object) => { send(command: object): Promise<{ readonly MessageId: string }> }
  readonly SendMessageCommand: new (options: object) => object
}
