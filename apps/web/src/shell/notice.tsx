import { useSyncExternalStore } from 'react';
import { useStudioState } from '../studio/context.tsx';

/** Says when the page cannot reach the API. What runs there goes on meanwhile. */
export function Notice() {
  const { reachable, phase } = useStudioState();
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  const words = !online
    ? 'You are offline. Your images go on developing; this page catches up when you are back.'
    : !reachable && phase !== 'failed'
      ? 'The darkroom does not answer right now. Nothing is lost: this page keeps trying.'
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
