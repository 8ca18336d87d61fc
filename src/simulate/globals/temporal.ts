// Temporal.Now on a node's wall clock, where this Node has Temporal. The time zone stays that of the machine.
import { current } from '../context.ts'
import { replace } from './replace.ts'

interface Instant {
  toZonedDateTimeISO(zone: unknown): Zoned
}

interface Zoned {
  toPlainDate(): unknown
  toPlainTime(): unknown
  toPlainDateTime(): unknown
}

interface TemporalLike {
  readonly Now: { timeZoneId(): string }
  readonly Instant: { fromEpochMilliseconds(ms: number): Instant }
}

/** Patches the functions that read the clock: instant and the four ISO ones. */
export function installTemporal(): void {
  const temporal = Reflect.get(globalThis, 'Temporal') as TemporalLike | undefined // the part of the standard used here
  if (temporal === undefined) return
  dated(temporal, 'instant', (instant) => instant)
  dated(
    temporal,
    'zonedDateTimeISO',
    zoned(temporal, (at) => at),
  )
  dated(
    temporal,
    'plainDateISO',
    zoned(temporal, (at) => at.toPlainDate()),
  )
  dated(
    temporal,
    'plainTimeISO',
    zoned(temporal, (at) => at.toPlainTime()),
  )
  dated(
    temporal,
    'plainDateTimeISO',
    zoned(temporal, (at) => at.toPlainDateTime()),
  )
}

function dated(temporal: TemporalLike, name: string, view: (instant: Instant, zone: unknown) => unknown): void {
  replace(
    [temporal.Now],
    name,
    (native) =>
      function (zone) {
        const context = current()
        if (context === undefined) return native.call(this, zone)
        return view(temporal.Instant.fromEpochMilliseconds(context.host.wallMs(context.life)), zone)
      },
  )
}

function zoned(temporal: TemporalLike, view: (zoned: Zoned) => unknown): (instant: Instant, zone: unknown) => unknown {
  return (instant, zone) => view(instant.toZonedDateTimeISO(zone ?? temporal.Now.timeZoneId()))
}
