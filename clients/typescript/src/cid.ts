/**
 * NewCid makes a name for one event: a UUIDv7 (RFC 9562, section 5.7) of 48 bits
 * of milliseconds, 12 bits that keep the ids of one millisecond in order, and 62
 * random bits. Ids made by one program sort in the order of their making. It
 * needs no secure context.
 */
export const newCid: () => string = cidMaker(Date.now, (bytes) => crypto.getRandomValues(bytes))

/** CidMaker makes a {@link newCid} over a clock and a source of randomness. */
export function cidMaker(now: () => number, fill: (bytes: Uint8Array<ArrayBuffer>) => void): () => string {
  let last = 0
  let counter = 0
  return () => {
    const bytes = new Uint8Array(16)
    fill(bytes)
    const time = now()
    if (time > last) {
      last = time
      counter = (((bytes[6] ?? 0) << 8) | (bytes[7] ?? 0)) & 0x7ff // room above for this millisecond
    } else if (++counter > 0xfff) {
      last++ // borrow the next millisecond rather than repeat
      counter = 0
    }
    for (let i = 0, rest = last; i < 6; i++, rest = Math.floor(rest / 256)) bytes[5 - i] = rest % 256
    bytes[6] = 0x70 | (counter >> 8)
    bytes[7] = counter & 0xff
    bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  }
}
