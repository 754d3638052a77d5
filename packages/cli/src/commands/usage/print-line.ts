/** What one priced line looks like: a line of JSON, or its explanation for people. */
import { explanationText } from '@farthing/pricing';
import type { FailedLine, PricedLine } from '@farthing/pricing/extract';

/** A priced line as it is printed, its end of line included. */
export type PrintLine = (told: PricedLine | FailedLine) => string;

/** One line of JSON. */
export const asJson: PrintLine = (told) => `${JSON.stringify(told)}\n`;

/**
 * The id, then the explanation as a table, then an empty line. If the charge is the provider's figure rather than our
 * computation, it says so.
 */
export const asText: PrintLine = (told) => {
  const name = `# ${told.id ?? '(no id)'}`;
  if (!told.ok) return printable(`${name}\nnot read: ${told.error.message} (${told.error.code})\n\n`);
  const { explanation, cost_usd, charged_usd } = told;
  const text = explanation === undefined ? '' : `${explanationText(explanation)}\n`;
  const charged =
    charged_usd === cost_usd ? '' : `charged: ${charged_usd === null ? 'unknown' : `$${charged_usd}`}\n`;
  return printable(`${name}\n${text}${charged}\n`);
};

/** Recordings may come from anywhere: characters that control a terminal are not printed. */
const printable = (text: string) => text.replace(/[^\P{Cc}\n]/gu, '\ufffd');
