import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import type { Session } from '../session/session.ts';
import { createStudio, type Studio, type StudioState } from './studio.ts';

const StudioContext = createContext<Studio | null>(null);

/** Opens the studio of this session while it is mounted. */
export function StudioProvider(props: { api: string; session: Session; children: ReactNode }) {
  const [studio] = useState(() => createStudio(props));
  useEffect(() => {
    studio.open();
    return studio.close;
  }, [studio]);
  return <StudioContext value={studio}>{props.children}</StudioContext>;
}

export function useStudio(): Studio {
  const studio = useContext(StudioContext);
  if (!studio) throw new Error('useStudio must be called inside a StudioProvider');
  return studio;
}

export function useStudioState(): StudioState {
  const { subscribe, snapshot } = useStudio();
  return useSyncExternalStore(subscribe, snapshot);
}
