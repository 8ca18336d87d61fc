// Services with one path for everything: what is asked for stands in the name of the call.
import { expect, test } from 'vitest'
import { askedAction } from '../../src/transport/asked-action.ts'

type Headers = readonly (readonly [string, string])[]

const asked = (path: string, body: string | null, headers: Headers = [], method = 'POST'): string | undefined =>
  askedAction({ method, url: new URL(path, 'http://shop/'), headers, body })

const graphql = (body: unknown): string | undefined => asked('/api/graphql', JSON.stringify(body))

test.each([
  ['its operationName', { operationName: 'Pay', query: 'query Other { a } mutation Pay { pay }' }, 'Pay'],
  ['the name of its operation', { query: 'mutation AddItem($id: ID!) { addItem(id: $id) { id } }' }, 'AddItem'],
  ['the name after a comment', { query: '# adds {\nquery List { items }' }, 'List'],
  ['the first field of one without a name', { query: '{ items { id } }' }, 'items'],
  ['the first field of a mutation without a name', { query: 'mutation ($id: ID!) { pay(id: $id) }' }, 'pay'],
  ['nothing where there is no query', { operationName: null, extensions: { persistedQuery: {} } }, undefined],
])('a GraphQL request is named after %s', (_, body, name) => {
  expect(graphql(body)).toBe(name)
})

test('a body that is no GraphQL, and a query elsewhere, name nothing', () => {
  expect(asked('/graphql', 'no JSON')).toBeUndefined()
  expect(asked('/graphql', 'null')).toBeUndefined()
  expect(asked('/graphql', null)).toBeUndefined()
  expect(asked('/orders', JSON.stringify({ query: '{ items }' }))).toBeUndefined()
})

test('an AWS request is named after its action', () => {
  expect(asked('/', '{}', [['x-amz-target', 'DynamoDB_20120810.PutItem']])).toBe('PutItem')
  expect(asked('/', 'Version=2012-11-05&Action=SendMessage&MessageBody=x')).toBe('SendMessage')
  expect(asked('/orders', 'Action=Buy')).toBeUndefined()
})
