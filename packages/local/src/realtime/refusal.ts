/** Why a join, a token or a subscription is refused, as the client is told. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }

  /** As a reply to a join names it. */
  get reason(): string {
    return `${this.code}: ${this.message}`;
  }
}
