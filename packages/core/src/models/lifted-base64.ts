/** Decodes the base64 of one JSON string while it arrives. */
export interface LiftedBase64 {
  /** Adds the next bytes of the string, which must not contain escapes. */
  add(bytes: Buffer): void;
  /** Returns the decoded string; null when it is not padded base64 of the standard alphabet. */
  end(): Buffer | null;
  /** Returns the string as it was received, byte for byte. */
  raw(): Buffer;
}

/** @param expectedBytes length of the base64: sets the first allocation, which grows when needed */
export function liftBase64(expectedBytes: number): LiftedBase64 {
  let decoded: Buffer = empty;
  let size = 0;
  /** The last one to four characters. Only at the end is it known whether they contain padding. */
  let last = '';
  /** The input from the first part that is not base64. */
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
      // Complete the started group separately, so that the long rest is not copied.
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

  /** Stops decoding and keeps the input that is not decoded yet. */
  function broke(...rest: Buffer[]): void {
    broken = rest.map((part) => Buffer.from(part));
    last = '';
  }

  /** Returns false for invalid base64. Node skips invalid characters and also accepts the URL-safe alphabet. */
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
