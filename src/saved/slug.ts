// Names of tests as parts of names of files. A pure function.
const maxSlugBytes = 80

/**
 * A test's name as part of a file's name: letters and digits of any script, at most 80 bytes. Different names may give
 * one slug; the hash that follows it in a file's name tells them apart.
 *
 * @example slug('an order is charged / once 💸') // 'an-order-is-charged-once'
 */
export function slug(name: string): string {
  const words = name
    .toWellFormed()
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
  let cut = ''
  for (const char of words.replace(/^-/, '')) {
    if (Buffer.byteLength(cut + char) > maxSlugBytes) break
    cut += char
  }
  return cut.replace(/-$/, '') || 'test'
}
