/** Shown until the page knows whether the user is signed in. */
export function Splash() {
  return (
    <main className="splash" aria-busy="true">
      <span className="safelight" aria-hidden="true" />
      <p className="visually-hidden">Loading</p>
    </main>
  );
}
