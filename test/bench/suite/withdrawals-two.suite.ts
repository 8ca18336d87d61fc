// Ten tests of a bank with two processes.
import { withdrawals } from './withdrawals.ts'

withdrawals(2)
