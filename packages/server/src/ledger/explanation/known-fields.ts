/**
 * Fields and words of providers' usage objects, as they come in recorded responses. A usage made of these alone says nothing
 * of a caller, so that its form may be kept once for everybody; any other is kept with its event.
 */

const OPENAI = `prompt_tokens completion_tokens total_tokens input_tokens output_tokens prompt_tokens_details
  completion_tokens_details input_tokens_details output_tokens_details prompt_token_details completion_token_details
  cached_tokens cache_write_tokens audio_tokens text_tokens image_tokens video_tokens reasoning_tokens
  accepted_prediction_tokens rejected_prediction_tokens num_cached_tokens thinking_tokens citation_tokens type seconds
  prompt_cache_hit_tokens prompt_cache_miss_tokens prompt_audio_seconds prompt_text_tokens cached_prompt_text_tokens
  prompt_image_tokens audio_prompt_tokens request_count num_sources_used cost cost_details is_byok cost_in_usd_ticks
  upstream_inference_cost upstream_inference_completions_cost upstream_inference_prompt_cost upstream_inference_input_cost
  upstream_inference_output_cost completion_time prompt_time queue_time total_time num_server_side_tools_used
  server_side_tool_usage_details web_search_calls x_search_calls code_interpreter_calls file_search_calls mcp_calls
  document_search_calls image_generation_calls context_details server_tool_use_details tool_calls_executed
  tool_calls_requested server_side_tools_used`;

const ANTHROPIC = `input_tokens output_tokens cache_creation_input_tokens cache_read_input_tokens cache_creation
  ephemeral_5m_input_tokens ephemeral_1h_input_tokens service_tier inference_geo server_tool_use web_search_requests
  web_fetch_requests`;

const GOOGLE = `promptTokenCount candidatesTokenCount totalTokenCount thoughtsTokenCount cachedContentTokenCount
  toolUsePromptTokenCount responseTokenCount promptTokensDetails candidatesTokensDetails cacheTokensDetails
  toolUsePromptTokensDetails responseTokensDetails modality tokenCount trafficType total_input_tokens total_output_tokens
  total_cached_tokens total_tool_use_tokens total_thought_tokens input_tokens_by_modality tool_use_tokens_by_modality
  tokens`;

const AMAZON = `inputTokens outputTokens totalTokens serverToolUsage cacheReadInputTokens cacheWriteInputTokens
  cacheReadInputTokenCount cacheWriteInputTokenCount cacheDetails ttl inputTokenCount outputTokenCount
  inputTextTokenCount totalOutputTextTokenCount prompt_token_count generation_token_count`;

const OTHERS = `billed_units api_version version search_units total_duration load_duration prompt_eval_duration
  prompt_eval_count eval_count eval_duration input_token_count generated_token_count generated_tokens token_count`;

const listOf = (text: string): readonly string[] => text.split(/\s+/);

/** Names of members. */
export const KNOWN_FIELDS: ReadonlySet<string> = new Set(
  [OPENAI, ANTHROPIC, GOOGLE, AMAZON, OTHERS].flatMap(listOf),
);

/** Texts among the values. */
export const KNOWN_WORDS: ReadonlySet<string> = new Set(
  listOf(`TEXT AUDIO IMAGE VIDEO DOCUMENT ON_DEMAND PROVISIONED_THROUGHPUT default standard batch flex priority scale auto
    not_available global us eu text tokens duration 5m 1h`),
);
