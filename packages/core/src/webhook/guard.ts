import ipaddr from 'ipaddr.js';

/** How far webhooks may reach. */
export interface WebhookReach {
  /** For development: plain http, any port, this machine and its private networks. Never in production. */
  allowPrivate: boolean;
}

/** Where HTTPS is served to the public; everything else is somebody's inner service. */
const publicPorts = new Set(['', '443', '8443']);

/** What a machine calls itself or its neighbours. An address behind any other name is judged when it is looked up. */
const localNames = /^(localhost|.*\.(localhost|local|internal|home\.arpa))$/;

/** What development opens, as ipaddr.js names it. Not link-local: no receiver lives there, but cloud metadata does. */
const privateRanges = new Set(['loopback', 'private', 'uniqueLocal', 'carrierGradeNat']);

/** AWS's metadata service over IPv6, which lies among the unique local addresses. */
const metadata = new Set(['fd00:ec2::254']);

/**
 * Why a webhook may not be sent to this URL, as far as the URL alone tells; null when it may.
 * An address behind a name is judged by {@link isAllowedAddress} when it is connected to.
 */
export function refuseWebhookUrl(text: string, { allowPrivate }: WebhookReach): string | null {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return 'Must be an https:// address.';
  if (url.protocol === 'http:' && !allowPrivate) return 'Must begin with https://.';
  if (url.username !== '' || url.password !== '') return 'Must not hold a user name or password.';
  if (!publicPorts.has(url.port) && !allowPrivate) return 'Must be on port 443 or 8443.';
  const host = hostOf(url);
  if (ipaddr.isValid(host)) return isAllowedAddress(host, { allowPrivate }) ? null : notPublic;
  if (!allowPrivate && (localNames.test(host) || !host.includes('.'))) return notPublic;
  return null;
}

/** Whether a connection to this IP address may be made for a webhook. What cannot be read may not. */
export function isAllowedAddress(address: string, { allowPrivate }: WebhookReach): boolean {
  if (!ipaddr.isValid(address)) return false;
  // Unwraps an IPv4 address that is written as IPv6.
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  if (range === 'unicast') return !isReservedIPv6(parsed);
  return allowPrivate && privateRanges.has(range) && !metadata.has(parsed.toString());
}

/** The host without the brackets of an IPv6 address or the dot that ends a full name. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

const notPublic = 'Must be an address on the public internet.';

/** Of IPv6 only 2000::/3 has been given out; ipaddr.js calls the rest unicast too. */
function isReservedIPv6(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address.kind() === 'ipv6' && ((address as ipaddr.IPv6).parts[0]! & 0xe000) !== 0x2000;
}
