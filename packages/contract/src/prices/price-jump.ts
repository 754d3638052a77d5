/** Why a change of a price must be confirmed, and from which change on. */

/** A price that moves by more than this many per cent, up or down, is a `jump`. A whole number. */
export const JUMP_PERCENT = 50;

/**
 * Why a change of a price must be confirmed. `jump`: more than {@link JUMP_PERCENT} up or down. `zero`: something that cost would be
 * free. `vanished`: a model, or the price of a meter, would be gone. The other three cannot be taken over at all;
 * confirming leaves them out.
 */
export const PRICE_PROBLEMS = ['jump', 'zero', 'vanished', 'not_a_number', 'negative', 'unusable'] as const;
export type PriceProblem = (typeof PRICE_PROBLEMS)[number];
