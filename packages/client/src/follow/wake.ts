/** Calls `wake` whenever the device or the app may have slept; gives back what ends that. */
export type OnWake = (wake: () => void) => () => void;

const events = ['online', 'focus', 'pageshow', 'visibilitychange'];

/** A page that is shown, focused, or online again. Nothing where there are no such events: Node, React Native. */
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
