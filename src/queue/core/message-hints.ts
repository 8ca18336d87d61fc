// What usually helps where a message comes again, is given up, or was acknowledged without its work. Words only.

/** Nobody acknowledged it in time. */
export function againHint(queue: string, time: string): string {
  return (
    `nobody acknowledged the message of "${queue}" in ${time}, so it came again: acknowledge it when its work is ` +
    'done, on every path, and extend its time while that lasts'
  )
}

/** It was tried too often, and is gone. */
export function givenUpHint(queue: string, when: string): string {
  return `the queue "${queue}" gave the message up ${when}: give it dead letters, and let somebody look there`
}

/** It was tried too often, and went elsewhere. */
export function deadHint(queue: string, when: string): string {
  return `the message went to the dead letters of "${queue}" ${when}: let somebody look there, or try for longer`
}

/** It was acknowledged, and its work is missing. */
export function tooSoonHint(queue: string): string {
  return (
    `the message of "${queue}" was acknowledged without its work: acknowledge it (return, delete, ack) only when ` +
    'that is done'
  )
}
