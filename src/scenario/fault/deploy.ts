// A rolling deploy replaces a node's process, the commonest fault of all. The old one gets SIGTERM between two
// stretches of its code: on a request leg, the receiver just after it has taken the request up, the sender just after
// sending; on a reply leg, the sender just after it answers, the receiver just after the reply came in. A new process
// boots at once beside it, and takes new requests once it is ready. The old one may finish what it has; without a
// listener SIGTERM ends it at once, and after `graceMs` it is killed: its connections are reset. A balancer may hear of
// it late (`stillRoutedMs`): requests then go to a server that has closed, and are refused. A node that is alone behind
// its name has another address from then on: the old one refuses who has looked it up before, and keeps it; or somebody
// else has got it, who knows nothing of this node.
// Survives: looking names up for each connection; stopping to take requests and waiting for those under way; writing
// down what is promised before answering; leases, since two versions run side by side.
// Example: it answers 202, works on in memory, and the work is lost.
import type { Address } from '../address.ts'
import type { Site } from '../site.ts'
import { durationWords } from '../../plain/time.ts'
import { momentPhrase } from './call-words.ts'
import type { FaultSpec } from './spec.ts'

export interface Deploy {
  readonly kind: 'deploy'
  readonly at: Address
  /** The node that is deployed: one of the two ends of `at`. Of several instances, the one that is at work there. */
  readonly node: string
  /**
   * How long after SIGTERM the old process is killed, in milliseconds of virtual time. 30 s are the
   * `terminationGracePeriodSeconds` of Kubernetes.
   */
  readonly graceMs: number
  /**
   * How long after SIGTERM the balancer still sends new requests to the old process, ready or not, in milliseconds.
   *
   * @default 0
   */
  readonly stillRoutedMs?: number
  /**
   * Who is at the old address: nobody; another service, which answers 404 to whatever it is asked; or one that has a
   * page for everybody. Over TLS nobody, since others cannot prove that they are this node.
   *
   * @default 'nobody'
   */
  readonly oldAddress?: 'nobody' | 'not found' | 'a page'
}

/** What a claim may name of it. */
export interface DeployParts {
  /** When the balancer knows that new requests go to the new process. */
  readonly routed: 'at once' | 'late'
  /** Who answers at the address that the node had before. */
  readonly oldAddress: NonNullable<Deploy['oldAddress']>
}

/** Kubernetes' default. */
const usualGraceMs = 30_000
/** How long endpoints usually take to reach every proxy of a cluster. */
const usualDelayMs = 1_000

const heirs = {
  nobody: {},
  'not found': { heir: { status: 404, stranger: true } },
  'a page': { heir: { status: 200, stranger: true } },
} as const

export const deploy: FaultSpec<Deploy, DeployParts> = {
  kind: 'deploy',
  leftOutWith: 'crash', // its process ends, and its memory is lost
  parts: {
    routed: {
      type: 'choices',
      words: { 'at once': 'which the balancer knows at once', late: 'which the balancer hears of late' },
      of: ({ stillRoutedMs = 0 }) => (stillRoutedMs === 0 ? 'at once' : 'late'),
    },
    oldAddress: {
      type: 'choices',
      words: { nobody: 'which leaves its address to nobody', 'not found': 'to a service', 'a page': 'to a web page' },
      of: ({ oldAddress = 'nobody' }) => oldAddress,
    },
  },
  ownNode: ({ node }) => node,
  fields: {
    node: { type: 'node' },
    graceMs: { type: 'ms', target: usualGraceMs, min: 0 },
    stillRoutedMs: { type: 'ms', target: 1, min: 0, optional: true },
    oldAddress: { type: 'choice', choices: ['nobody', 'not found', 'a page'], optional: true },
  },
  values(site) {
    const { leg, to } = site.address
    return leg === 'request' ? deploys(site, () => true) : deploys(site, (node) => node === to)
  },
  /** As the answer to it comes in; and with a balancer that hears of it late. */
  rarer(site) {
    const { leg, to } = site.address
    if (leg === 'reply') return deploys(site, (node) => node !== to)
    const late = deploys(site, (node) => node === to).map((fault) => ({ ...fault, stillRoutedMs: usualDelayMs }))
    if (site.kind !== 'call' || site.reach !== 'by address') return late
    return [
      ...late,
      ...(['not found', 'a page'] as const).flatMap((oldAddress) =>
        deploys(site, (node) => node === to).map((fault) => ({ ...fault, oldAddress })),
      ),
    ]
  },
  rewrite: (delivery, { node, graceMs, stillRoutedMs = 0, oldAddress = 'nobody' }) => ({
    ...delivery,
    deploys: [...(delivery.deploys ?? []), { node, graceMs, stillRoutedMs, ...heirs[oldAddress] }],
  }),
  words: (fault) =>
    `${fault.node} is replaced by a deploy: SIGTERM, killed ${durationWords(fault.graceMs)} later${lateWords(fault)}`,
  phrase: (fault) =>
    `deploy ${fault.node} ${momentPhrase(fault.at, fault.node, 'after')}: a new process takes its place, the old one ` +
    `gets SIGTERM and is ${killWords(fault)}`,
  milder(fault) {
    const { stillRoutedMs, oldAddress, ...plain } = fault
    const longer = { ...fault, graceMs: 2 * fault.graceMs }
    return [...(stillRoutedMs === undefined && oldAddress === undefined ? [] : [plain]), longer].map((one) => ({
      fault: one,
      words: deploy.words(one),
    }))
  },
}

function deploys(site: Site, strikes: (node: string) => boolean): readonly Deploy[] {
  if (site.kind !== 'call') return []
  return site.nodes
    .filter(strikes)
    .map((node) => ({ kind: 'deploy', at: site.address, node, graceMs: usualGraceMs }) as const)
}

function lateWords({ stillRoutedMs = 0, oldAddress = 'nobody' }: Deploy): string {
  const late = stillRoutedMs === 0 ? '' : `; asked for ${durationWords(stillRoutedMs)} more`
  return oldAddress === 'nobody' ? late : `${late}; others at its address`
}

function killWords({ graceMs, stillRoutedMs = 0, oldAddress = 'nobody' }: Deploy): string {
  const late = stillRoutedMs === 0 ? '' : `; new requests go to it for ${durationWords(stillRoutedMs)} more`
  const heir = oldAddress === 'a page' ? 'with a page for everybody' : 'which answers 404'
  const other = oldAddress === 'nobody' ? '' : `; its address goes to another service, ${heir}`
  return `killed ${durationWords(graceMs)} later${late}${other}`
}
