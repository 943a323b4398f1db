/** Why a join, a token or a subscription is refused; sent to the client. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }

  /** The text of a reply to a join. */
  get reason(): string {
    return `${this.code}: ${this.message}`;
  }
}
