// All systems of the benchmark `false-alarms`, by what they are.
import { clients } from './clients.ts'
import { databases } from './databases.ts'
import { receivers } from './receivers.ts'
import { registers } from './registers.ts'
import type { Sound } from './sound.ts'
import { workers } from './workers.ts'

export const soundSystems: readonly Sound[] = [...receivers, ...databases, ...registers, ...workers, ...clients]
