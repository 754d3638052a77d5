/** Reads from a request only what the gateway needs: the model, whether it streams, and facts its price depends on. */
import type { Anomaly, JsonObject } from '@farthing/pricing';
import { type PathMatch, rootMembers, type Surface } from '@farthing/pricing/extract';
import { RequestBody } from './request-body.ts';
import { unusableName } from './usable-name.ts';

export interface ReadRequest {
  readonly model: string | null;
  readonly streams: boolean;
  /** The billing-relevant settings, for the reader of the answer; never the prompt. */
  readonly settings: JsonObject;
  /** The body to send. */
  readonly body: RequestBody;
  /** True where the body asks for usage that the caller did not: the answer's extra chunk must go again. */
  readonly usageAdded: boolean;
  /** An anomaly of the request for its event: a model name that the ledger cannot store. */
  readonly anomalies: readonly Anomaly[];
}

/**
 * Reads a request where the form of its provider says: members of the body, and the path.
 *
 * @param match what the path says
 */
export async function readRequest(bytes: Buffer, match: PathMatch): Promise<ReadRequest> {
  const form = match.surface.request;
  const body = await RequestBody.read(bytes, keysOf(match.surface));
  const { name: model, anomalies } = readModel(body, match);
  const streams = match.streams ?? (form.stream !== null && body.at(form.stream) === true);
  const settings: { [key: string]: string | boolean } = {};
  for (const path of form.settings) {
    const value = body.at(path);
    if (typeof value === 'string' && unusableName(value) === null) settings[path] = value;
  }
  if (streams) settings['stream'] = true;
  return { model, streams, settings, body, usageAdded: false, anomalies };
}

/** By surface: the members that are looked for in its requests. */
const KEYS = new WeakMap<Surface, ReadonlySet<string>>();

function keysOf(surface: Surface): ReadonlySet<string> {
  const known = KEYS.get(surface);
  if (known !== undefined) return known;
  const keys = rootMembers(surface.request, surface.stream?.usageOption ?? null);
  KEYS.set(surface, keys);
  return keys;
}

interface ModelName {
  readonly name: string | null;
  readonly anomalies: readonly Anomaly[];
}

/** The model named in the body, else in the path, else the deployment's name. */
function readModel(body: RequestBody, { surface, model, deployment }: PathMatch): ModelName {
  const place = surface.request.model;
  if (place !== null && body.isLongText(place)) return withoutName('is too long');
  const said = place === null ? undefined : body.at(place);
  const name = typeof said === 'string' ? said : (model ?? deployment);
  const problem = name === null ? null : unusableName(name);
  return problem === null ? { name, anomalies: [] } : withoutName(problem);
}

function withoutName(problem: string): ModelName {
  const message = `The model's name in the request ${problem}; the call stands without it.`;
  return { name: null, anomalies: [{ code: 'unusable_name', message }] };
}
