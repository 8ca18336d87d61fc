// A certificate for 127.0.0.1 that signs itself (RFC 5280), made anew in each run, so that no key is kept anywhere.
import { generateKeyPairSync, sign } from 'node:crypto'

/** Options of https.createServer. */
export function selfSigned(): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(set(sequence(oid(0x55, 0x04, 0x03), element(0x0c, Buffer.from('127.0.0.1')))))
  const withSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)) // ecdsa-with-SHA256 (RFC 5758)
  const validity = sequence(element(0x17, Buffer.from('200101000000Z')), element(0x17, Buffer.from('490101000000Z')))
  const version3 = element(0xa0, element(0x02, Buffer.from([2])))
  const loopback = sequence(element(0x87, Buffer.from([127, 0, 0, 1])))
  const names = sequence(oid(0x55, 0x1d, 0x11), element(0x04, loopback)) // subjectAltName
  const signed = sequence(
    version3,
    element(0x02, Buffer.from([1])),
    withSha256,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(names)),
  )
  const signature = element(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', signed, privateKey)]))
  const der = sequence(signed, withSha256, signature)
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  const cert = ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }), cert }
}

/** A tag, a length and a content (X.690, section 8.1). */
function element(tag: number, content: Buffer): Buffer {
  const { length } = content
  const lengths = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...lengths]), content])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts))
}

function set(part: Buffer): Buffer {
  return element(0x31, part)
}

function oid(...bytes: readonly number[]): Buffer {
  return element(0x06, Buffer.from(bytes))
}
