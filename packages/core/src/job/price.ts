/** Credits by `model` and by `model@size`. */
export type CreditCosts = ReadonlyMap<string, number>;

const defaultCredits = 1;
const highestCredits = 1_000_000;
/** The size that every model makes by default. Naming it must not change the price. */
const defaultSize = '1K';

/**
 * Parses a price list: `model[@size]=credits,…`. Empty text gives an empty list.
 * @throws Error that names the part that is invalid or a duplicate.
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

/** The price of an image in credits: by model and size, otherwise by model, otherwise 1. */
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
