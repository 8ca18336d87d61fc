// Ten tests of a bank with one process.
import { withdrawals } from './withdrawals.ts'

withdrawals(1)
