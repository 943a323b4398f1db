/** Calls `wake` whenever the device or the app may have slept; returns what ends that. */
export type OnWake = (wake: () => void) => () => void;

const events = ['online', 'focus', 'pageshow', 'visibilitychange'];

/** When a page is shown, focused or online again. Does nothing in Node and React Native, which have no such events. */
export const onPageWake: OnWake = (wake) => {
  const page = globalThis as Partial<EventTarget> & { document?: { visibilityState: string } };
  if (typeof page.addEventListener !== 'function') return () => {};
  const listener = () => {
    if (page.document?.visibilityState !== 'hidden') wake();
  };
  // Capturing, because visibilitychange is an event of the document.
  for (const event of events) page.addEventListener(event, listener, true);
  return () => {
    for (const event of events) page.removeEventListener!(event, listener, true);
  };
};
