// A value as people read it: JSON, with sets and long integers as they are written elsewhere. For sentences and
// stories; nothing reads it back.
import { encodeValue } from './value.ts'

/** JSON of a value, with a set as `#{1,2}` and a bigint as its digits. @throws where encodeValue does */
export function writtenValue(value: unknown): string {
  const json = encodeValue(value)
  const text = JSON.stringify(json)
  return text.includes('{"$set":') || text.includes('{"$bigint":') ? readable(json) : text
}

function readable(json: unknown): string {
  if (typeof json !== 'object' || json === null) return JSON.stringify(json)
  if (Array.isArray(json)) return `[${json.map(readable).join(',')}]`
  if ('$bigint' in json) return String(json.$bigint)
  if ('$set' in json && Array.isArray(json.$set)) return `#{${json.$set.map(readable).join(',')}}`
  return `{${Object.entries(json)
    .map(([key, item]) => `${JSON.stringify(key)}:${readable(item)}`)
    .join(',')}}`
}
