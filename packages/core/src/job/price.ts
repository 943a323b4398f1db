/** Credits by `model` and by `model@size`. */
export type CreditCosts = ReadonlyMap<string, number>;

const defaultCredits = 1;
const highestCredits = 1_000_000;
/** What every model makes when no size is asked for; the price must not depend on whether it was named. */
const defaultSize = '1K';

/**
 * Reads a price list: `model[@size]=credits,…`; empty text is an empty list.
 * @throws Error naming the part that cannot be read, or is there twice.
 */
export function parseCreditCosts(text: string): CreditCosts {
  const costs = new Map<string, number>();
  for (const part of text.split(',').map((piece) => piece.trim())) {
    if (part === '') continue;
    const { key, credits } = parsePart(part);
    if (costs.has(key)) throw new Error(`"${part}": ${key} has a price already; keep one of them`);
    costs.set(key, credits);
  }
  return costs;
}

/** What an image costs, in credits: by model and size, else by model, else 1. */
export function priceOf(costs: CreditCosts, model: string, size: string | null): number {
  return costs.get(keyOf(model, size ?? defaultSize)) ?? costs.get(model) ?? defaultCredits;
}

function parsePart(part: string): { key: string; credits: number } {
  const [, model, size, amount] = /^([^\s@=]+)(?:@([^\s@=]+))?\s*=\s*(\d+)$/.exec(part) ?? [];
  if (model === undefined || amount === undefined) {
    throw new Error(
      `"${part}" is no price; write model=credits or model@size=credits, credits a whole number`,
    );
  }
  const credits = Number(amount);
  if (credits > highestCredits) throw new Error(`"${part}": a price is at most ${highestCredits} credits`);
  return { key: size === undefined ? model : keyOf(model, size), credits };
}

function keyOf(model: string, size: string): string {
  return `${model}@${size.toUpperCase()}`;
}
