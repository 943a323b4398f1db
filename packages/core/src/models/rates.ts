/** Requests a minute that a model may get: by model name, and for all other models. */
export interface ModelRates {
  byModel: Readonly<Record<string, number>>;
  others: number | null;
}

/** Requests a minute of a model; null where there is no limit. */
export function rateOf(rates: ModelRates | undefined, model: string): number | null {
  return rates?.byModel[model] ?? rates?.others ?? null;
}
