import { useSyncExternalStore } from 'react';

export type Route = 'studio' | 'gallery' | 'prompts' | 'ledger';

const routes: readonly Route[] = ['studio', 'gallery', 'prompts', 'ledger'];

/** The route in the URL. It is in the hash, so that any static host serves every route. */
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
