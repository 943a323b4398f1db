import { lookup, Resolver } from 'node:dns/promises';

/** The addresses behind a name, IPv4 first. @throws an error of the resolver, or when there is none */
export type Resolve = (hostname: string) => Promise<string[]>;

/**
 * Asks the name servers and nothing else: names that only this machine or its network knows are no business of a
 * receiver's owner. It does not go through the thread pool, which a name server that hangs would take from the images.
 */
export function createResolve(): Resolve {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  return async (hostname) => {
    const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (addresses.length > 0) return addresses;
    throw (answers[0] as PromiseRejectedResult).reason ?? new Error(`no address of ${hostname}`);
  };
}

/** For development: as this machine resolves names, its own included. */
export const resolveLocally: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true, order: 'ipv4first' })).map(({ address }) => address);
