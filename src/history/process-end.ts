// How a process ends while its machine goes on. Plain words; knows no event.

/** A signal that nobody listens for, a kill, or its own `process.exit()`. */
export type ProcessEnd = 'SIGTERM' | 'SIGINT' | 'SIGKILL' | 'process.exit'
