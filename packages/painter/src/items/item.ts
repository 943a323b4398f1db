/** The layers of what an animal wears or holds, drawn on the animal's own scale. */
export interface Item {
  behind?: string;
  /** Over the body, under the head. */
  neck?: string;
  front?: string;
}

export type DrawItem = (paw: string, colour: string | null) => Item;
