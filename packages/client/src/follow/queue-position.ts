/** What all that one client follows has in common. */
export interface Line {
  /** Whether streams work here, for all that is known. */
  streams(): boolean;
  /** Takes one of the connections that may be held open, and gives back what frees it; null when all are taken. */
  hold(): (() => void) | null;
  /** The API could be read, but a stream of it gave nothing. Once it is certain, or the third time, streams are over. */
  strike(certain: boolean): void;
}

/**
 * A browser opens six connections to a host of HTTP/1.1. Three are left for all other calls and tabs: what is followed
 * beyond that is read every few seconds.
 */
const heldByPage = 3;
const maxStrikes = 3;

export function createLine({ streams, isPage }: { streams: boolean; isPage: boolean }): Line {
  let free = isPage ? heldByPage : Number.POSITIVE_INFINITY;
  let strikes = streams ? 0 : maxStrikes;
  return {
    streams: () => strikes < maxStrikes,
    hold() {
      if (free === 0) return null;
      free -= 1;
      return () => {
        free += 1;
      };
    },
    strike(certain) {
      strikes += certain ? maxStrikes : 1;
    },
  };
}
