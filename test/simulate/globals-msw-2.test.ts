// msw 2, set up before two-generals is loaded. A quick run has msw 3 alone.
// @module-tag full
import { http } from 'msw2'
import { setupServer } from 'msw2/node'
import { describeMsw } from '../transport/sockets/msw.ts'

describeMsw('msw 2', { http, setupServer }, () => import('two-generals'))
