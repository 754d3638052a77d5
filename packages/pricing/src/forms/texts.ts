/**
 * Which texts a call holds, for all forms at once: an estimate is often made from a body of an unknown provider. That is
 * safe, because a member with words in one form has no other use in another.
 */
import type { AnswerTexts, PromptTexts } from './description/provider-form.ts';
import { FORMS } from './registry.ts';

/** Answers of forms that are not described: Ollama's own, watsonx, Hugging Face. */
const OTHER_ANSWERS: AnswerTexts = {
  roots: ['message', 'response', 'results'],
  words: ['response', 'generated_text'],
  calls: [],
  repeats: [],
};

const ALL = FORMS.flatMap(({ surfaces }) => surfaces.flatMap(({ texts }) => texts ?? []));
const PROMPTS = ALL.map(({ prompt }) => prompt);
const ANSWERS = [...ALL.map(({ answer }) => answer), OTHER_ANSWERS];

/** What a model reads of a request of any form. */
export const PROMPT_TEXTS: PromptTexts = {
  instructions: unique(PROMPTS.flatMap(({ instructions }) => instructions)),
  messages: unique(PROMPTS.flatMap(({ messages }) => messages)),
  plain: unique(PROMPTS.flatMap(({ plain }) => plain)),
  schemas: unique(PROMPTS.flatMap(({ schemas }) => schemas)),
  attachments: unique(PROMPTS.flatMap(({ attachments }) => attachments)),
  continues: unique(PROMPTS.flatMap(({ continues }) => continues)),
};

/** Where an answer of any form has the model's words. */
export const ANSWER_TEXTS: AnswerTexts = {
  roots: unique(ANSWERS.flatMap(({ roots }) => roots)),
  words: unique(ANSWERS.flatMap(({ words }) => words)),
  calls: unique(ANSWERS.flatMap(({ calls }) => calls)),
  repeats: ANSWERS.flatMap(({ repeats }) => repeats).filter(isFirst),
};

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

/** The list contains a surface once for each provider that has it. */
function isFirst<Value>(value: Value, at: number, all: readonly Value[]): boolean {
  return all.indexOf(value) === at;
}
