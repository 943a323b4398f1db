/** While the page does not know yet who is there. */
export function Splash() {
  return (
    <main className="splash" aria-busy="true">
      <span className="safelight" aria-hidden="true" />
      <p className="visually-hidden">Loading</p>
    </main>
  );
}
