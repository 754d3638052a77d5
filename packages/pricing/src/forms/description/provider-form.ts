/**
 * One description per provider form: where a request goes, what it says of its price, how its answer is framed, where a
 * stream ends, and how a refusal looks. Gateway, SDK and token estimates read these. The readers of counts (`Shape`)
 * are beside them in the provider's folder. Data only: the code that uses it is in `paths.ts` and `members.ts`.
 */
import type { Operation } from '../../usage/usage.ts';

/** What is known of a provider's API without asking it. */
export interface ProviderForm {
  /** The provider's name, as price books and events have it. */
  readonly id: string;
  /** The provider's own address; null where each customer has one (Azure's resource, Bedrock's region). */
  readonly baseUrl: string | null;
  /** Hosts that only this provider answers from: a domain with all below it, or a pattern of host names. */
  readonly hosts: readonly (string | RegExp)[];
  /**
   * The prefix of every path of the form, below the base URL: `v1`, `{version}`; `''` for none. Several if the
   * provider accepts several.
   */
  readonly roots: readonly string[];
  /** The calls that can cost something; if two fit a path, the first one counts. */
  readonly surfaces: readonly Surface[];
  /** Paths that fit a surface and still cost nothing: counting tokens. */
  readonly free: readonly string[];
  /** Which model's price counts where the answer names another one than the request; absent: the answer's. */
  readonly pricedModel?: 'requested';
  /** A refusal of our own, in the form that the provider's SDKs raise as their own error. */
  readonly refuse: (refused: Refused) => Refusal;
}

/** One kind of call. */
export interface Surface {
  /** Passed to readers of the answer, see `ExtractHint.surface`. Unique within a form, except for the paths it holds. */
  readonly name: string;
  readonly operation: Operation;
  readonly paths: readonly SurfacePath[];
  readonly request: RequestForm;
  /** Null: the answer never streams. */
  readonly stream: StreamForm | null;
  /** Which texts a call holds, for an estimate of its tokens. Null: nothing in it is billed by the tokens of a text. */
  readonly texts: CallTexts | null;
}

/**
 * A path below one of the form's roots. `{name}` matches the text up to the next slash, or up to what follows it in
 * the same segment: `models/{model}:generateContent`. The names `model` and `deployment` have a meaning of their own.
 */
export interface SurfacePath {
  readonly path: string;
  /** Whether this path answers with a stream; absent where the body says so. */
  readonly streams?: boolean;
}

/** A member of a JSON object, below others where there are dots: `generationConfig.maxOutputTokens`. */
export type MemberPath = string;

/** Where a request says what it asks for. */
export interface RequestForm {
  /** Null: the path says which model. */
  readonly model: MemberPath | null;
  /** Null: the path says whether the answer streams, or it never does. */
  readonly stream: MemberPath | null;
  /** The most tokens that may come out; the first that is there counts. */
  readonly outputCaps: readonly MemberPath[];
  /** How many answers are asked for, each up to the cap. */
  readonly answers: MemberPath | null;
  /** Members that the price may depend on. They hold no text of a prompt. */
  readonly settings: readonly MemberPath[];
}

/** How the bytes of a stream are cut into events. `json_array`: one JSON list whose items come one by one. */
export type Framing = 'sse' | 'ndjson' | 'json_array' | 'aws_event_stream';

/** How a stream of a surface looks. */
export interface StreamForm {
  /** By the media type of the answer, lower case and without parameters; any other type is a whole answer. */
  readonly framings: { readonly [mediaType: string]: Framing };
  /** Marks of the event that ends the stream for the provider's SDKs. Null: it ends with the connection alone. */
  readonly ends: StreamMarks | null;
  /** Marks of an event that reports an error. */
  readonly errors: StreamMarks | null;
  /** Member and value by which a request asks for the stream's usage. Null: usage comes unasked. */
  readonly usageOption: UsageOption | null;
}

/** What an event is known by. An event has one of these. */
export interface StreamMarks {
  /** Its data, from its first character on: `[DONE]`. */
  readonly data: readonly string[];
  /** Its name: `message_stop`. */
  readonly events: readonly string[];
  /** The first member of its data, whose value is an object: `error`. */
  readonly members: readonly string[];
}

/** `stream_options.include_usage` set to true. The answer then has one chunk more, which holds nothing but usage. */
export interface UsageOption {
  readonly member: string;
  readonly option: string;
}

/** Which texts a call holds. */
export interface CallTexts {
  readonly prompt: PromptTexts;
  readonly answer: AnswerTexts;
}

/** Members of a request that the model reads. */
export interface PromptTexts {
  /** Standing instructions. */
  readonly instructions: readonly string[];
  /** Lists of messages; each message costs extra marks. They may also be a plain text. */
  readonly messages: readonly string[];
  /** Plain texts. */
  readonly plain: readonly string[];
  /** Descriptions of tools and of the form of the answer: names of members are read there too. */
  readonly schemas: readonly string[];
  /** Members, at any depth, that hold an image, a file or a sound, or say where one is. */
  readonly attachments: readonly string[];
  /** These say that the request continues a conversation that the provider stores. */
  readonly continues: readonly string[];
}

/** Where an answer has the model's words. */
export interface AnswerTexts {
  /** Members of an answer or event that contain them. */
  readonly roots: readonly string[];
  /** Members, at any depth below these, that are words: text, streamed reasoning, names of tools that are called. */
  readonly words: readonly string[];
  /** Members that hold a tool call's arguments as an object. */
  readonly calls: readonly string[];
  /** Events that repeat what others have said: member and value. */
  readonly repeats: readonly (readonly [member: string, value: string])[];
}

/** What a refusal says. */
export interface Refused {
  /** Our own code: `budget_exceeded`. */
  readonly code: string;
  readonly status: number;
  /** A sentence for people, without our name. */
  readonly message: string;
  readonly requestId: string;
}

/** A refusal as it is sent. */
export interface Refusal {
  readonly contentType: string;
  readonly body: string;
  /** Headers by which the provider's SDKs distinguish errors, if they do. */
  readonly headers: { readonly [name: string]: string };
}
