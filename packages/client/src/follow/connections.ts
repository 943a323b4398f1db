/** The connections that all followers of one client share. */
export interface Connections {
  /** Whether streams work here, as far as known. */
  canStream(): boolean;
  /** Takes one of the connections that may be held open and returns what frees it; null when all are taken. */
  hold(): (() => void) | null;
  /** Counts streams that sent nothing while the API answered reads. After `maxStrikes` streams are given up. */
  addStrikes(count: number): void;
}

/**
 * A browser opens six HTTP/1.1 connections to a host. Three stay free for other calls and tabs: further jobs are polled
 * every few seconds.
 */
const maxHeldByPage = 3;
export const maxStrikes = 3;

export function createConnections(options: { canStream: boolean; isPage: boolean }): Connections {
  let free = options.isPage ? maxHeldByPage : Number.POSITIVE_INFINITY;
  let strikes = options.canStream ? 0 : maxStrikes;
  return {
    canStream: () => strikes < maxStrikes,
    hold() {
      if (free === 0) return null;
      free -= 1;
      return () => {
        free += 1;
      };
    },
    addStrikes(count) {
      strikes += count;
    },
  };
}
