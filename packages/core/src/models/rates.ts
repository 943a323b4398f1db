/** Limits in requests per minute: by model name, and one for each other model. */
export interface ModelRates {
  byModel: Readonly<Record<string, number>>;
  others: number | null;
}

/** The limit of a model in requests per minute; null when there is none. */
export function rateOf(rates: ModelRates | undefined, model: string): number | null {
  return rates?.byModel[model] ?? rates?.others ?? null;
}
