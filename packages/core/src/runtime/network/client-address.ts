import ipaddr from 'ipaddr.js';

/** Whether an address belongs to a proxy of ours, whose word on where a request comes from is taken. */
export type TrustedProxies = (address: string) => boolean;

/** Networks that cannot be reached from the internet. */
const privateRanges = new Set(['private', 'loopback', 'linkLocal', 'uniqueLocal', 'carrierGradeNat']);

/**
 * Reads addresses and networks (`10.0.0.0/8`, `::1`); `private` stands for all that cannot be reached from the
 * internet. None: nobody is trusted.
 * @throws Error that names what is neither.
 */
export function parseTrustedProxies(items: readonly string[]): TrustedProxies {
  const networks = items.filter((item) => item !== 'private').map(parseNetwork);
  const trustsPrivate = items.includes('private');
  return (address) => {
    const parsed = parseAddress(address);
    if (!parsed) return false;
    if (trustsPrivate && privateRanges.has(parsed.range())) return true;
    return networks.some(([base, bits]) => parsed.kind() === base.kind() && parsed.match(base, bits));
  };
}

/**
 * Who sent a request: the address of its connection or, where that is a proxy of ours, what the proxies say in
 * X-Forwarded-For, read from its end up to the first address that is not one of them. What stands before that may have
 * been written by anybody. Written in one way only, so that it can be compared; null where there is none.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  isTrusted: TrustedProxies,
): string | null {
  const hops = [...(forwardedFor?.split(',') ?? []), peer ?? ''].map(
    (hop) => parseAddress(hop)?.toString() ?? null,
  );
  let nearest: string | null = null;
  for (const hop of hops.toReversed()) {
    if (hop === null) return nearest;
    nearest = hop;
    if (!isTrusted(hop)) return hop;
  }
  return nearest;
}

/** What is counted as one sender: an IPv4 address; of IPv6 the /64, for every household has as many addresses as it likes. */
export function senderOf(address: string): string {
  const parsed = parseAddress(address);
  if (parsed?.kind() !== 'ipv6') return address;
  const [a = 0, b = 0, c = 0, d = 0] = (parsed as ipaddr.IPv6).parts;
  return `${[a, b, c, d].map((part) => part.toString(16)).join(':')}::/64`;
}

function parseNetwork(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  try {
    if (text.includes('/')) return ipaddr.parseCIDR(text);
    const address = ipaddr.process(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch {
    throw new Error(`names ${text}, which is neither an address nor a network`);
  }
}

/** With a port or without. An IPv4 address that is written as IPv6 is read as IPv4. */
function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const bare = text
    .trim()
    .replace(/^\[(.*)\](:\d+)?$/, '$1')
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1');
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : null;
}
