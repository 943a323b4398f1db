import { useSyncExternalStore } from 'react';

export type Route = 'studio' | 'gallery' | 'prompts' | 'ledger';

const routes: readonly Route[] = ['studio', 'gallery', 'prompts', 'ledger'];

/** The part of the page that the address names. In the hash, so that any static host serves every one. */
export function useRoute(): Route {
  return useSyncExternalStore(subscribe, () => {
    const name = location.hash.replace(/^#\/?/, '');
    return routes.find((route) => route === name) ?? 'studio';
  });
}

export function goTo(route: Route): void {
  location.hash = hrefOf(route);
}

export function hrefOf(route: Route): string {
  return `#/${route === 'studio' ? '' : route}`;
}

function subscribe(changed: () => void): () => void {
  addEventListener('hashchange', changed);
  return () => removeEventListener('hashchange', changed);
}
