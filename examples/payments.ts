// The payment gateway of the examples: an ordinary msw stub, as it stands in many code bases.
import { http, HttpResponse } from 'msw'
import { setupServer } from 'msw/node'

export const server = setupServer(
  http.post('https://api.payments.example/v1/charges', () => HttpResponse.json({ id: 'ch_1', status: 'succeeded' })),
)
