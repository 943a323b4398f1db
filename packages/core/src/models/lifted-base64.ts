/** The base64 of one string of a JSON text, decoded while it comes in. */
export interface LiftedBase64 {
  /** More of the string, without escapes. */
  add(bytes: Buffer): void;
  /** All of it, decoded; null where it is not base64, padded, of the common alphabet. */
  end(): Buffer | null;
  /** All of it, byte for byte as it came. */
  raw(): Buffer;
}

/** `expectedBytes` of base64, more or less: as much memory is set aside, and more when it is needed. */
export function liftBase64(expectedBytes: number): LiftedBase64 {
  let decoded: Buffer = empty;
  let size = 0;
  /** The last one to four characters: whether they are padded is told apart only at the end. */
  let last = '';
  /** Everything since it turned out to be no base64. */
  let broken: Buffer[] | null = null;

  return {
    add(bytes) {
      if (broken) {
        broken.push(Buffer.from(bytes));
        return;
      }
      const whole = last.length + bytes.length - (((last.length + bytes.length - 1) & 3) + 1);
      if (whole <= 0) {
        last += bytes.toString('latin1');
        return;
      }
      // The group that was begun is made whole by itself: the rest, which is long, is not copied to be joined to it.
      const joining = last === '' ? 0 : 4 - last.length;
      const restEnd = whole - last.length;
      if (last !== '' && !append(last + bytes.toString('latin1', 0, joining), 0))
        broke(Buffer.from(last, 'latin1'), bytes);
      else if (!append(bytes.toString('latin1', joining, restEnd), 0)) broke(bytes.subarray(joining));
      else last = bytes.toString('latin1', restEnd);
    },
    end() {
      if (broken) return null;
      if (last === '') return empty;
      const padding = last.endsWith('==') ? 2 : last.endsWith('=') ? 1 : 0;
      return last.length === 4 && append(last, padding) ? decoded.subarray(0, size) : null;
    },
    raw: () =>
      Buffer.concat([
        Buffer.from(decoded.toString('base64', 0, size)),
        Buffer.from(last, 'latin1'),
        ...(broken ?? []),
      ]),
  };

  /** What is not decoded yet is kept as it came. */
  function broke(...rest: Buffer[]): void {
    broken = rest.map((part) => Buffer.from(part));
    last = '';
  }

  /** Node passes over what it does not understand, and takes the alphabet of addresses for this one. */
  function append(text: string, padding: number): boolean {
    if (text.includes('-') || text.includes('_')) return false;
    const bytes = (text.length / 4) * 3 - padding;
    if (size + bytes > decoded.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(size + bytes, size * 2, (expectedBytes * 3) >> 2));
      decoded.copy(grown, 0, 0, size);
      decoded = grown;
    }
    if (decoded.write(text, size, 'base64') !== bytes) return false;
    size += bytes;
    return true;
  }
}

const empty: Buffer = Buffer.alloc(0);
