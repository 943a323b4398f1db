import { lookup, Resolver } from 'node:dns/promises';

/** The addresses of a host name, IPv4 first. @throws the resolver's error, or when there is no address */
export type Resolve = (hostname: string) => Promise<string[]>;

/**
 * Asks DNS servers only, so that names known only to this machine or its network do not resolve. Does not use libuv's
 * thread pool, which a hanging DNS server would take away from image processing.
 */
export function createResolve(): Resolve {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  return async (hostname) => {
    const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (addresses.length > 0) return addresses;
    throw (answers[0] as PromiseRejectedResult).reason ?? new Error(`no address for ${hostname}`);
  };
}

/** For development: resolves names as this machine does, including local ones. */
export const resolveLocally: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true, order: 'ipv4first' })).map(({ address }) => address);
