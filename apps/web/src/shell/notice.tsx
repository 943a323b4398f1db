import { useSyncExternalStore } from 'react';
import { useStudioState } from '../studio/context.tsx';

/** Tells the user when the page cannot reach the API. Jobs continue meanwhile. */
export function Notice() {
  const { reachable, phase } = useStudioState();
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  const words = !online
    ? 'You are offline. Your images are still being made; this page updates when you are back online.'
    : !reachable && phase !== 'failed'
      ? 'Darkroom is not responding. Nothing is lost: this page keeps trying.'
      : null;
  return <div role="status">{words && <p className="notice">{words}</p>}</div>;
}

function subscribe(changed: () => void): () => void {
  addEventListener('online', changed);
  addEventListener('offline', changed);
  return () => {
    removeEventListener('online', changed);
    removeEventListener('offline', changed);
  };
}
