// msw 3, set up before two-generals is loaded.
import { http } from 'msw'
import { setupServer } from 'msw/node'
import { describeMsw } from '../transport/sockets/msw.ts'

describeMsw('msw 3', { http, setupServer }, () => import('two-generals'))
