export function Wordmark() {
  return (
    <span className="wordmark">
      <span className="safelight" aria-hidden="true" />
      Darkroom
    </span>
  );
}
