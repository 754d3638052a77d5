/** Which call a path is, and what the path itself says. */
import type { ProviderForm, Surface, SurfacePath } from './provider-form.ts';

/** What a path says. */
export interface PathMatch {
  readonly surface: Surface;
  /** Decoded, for looking up its price; what is forwarded is the path as it came. Null: the body says which. */
  readonly model: string | null;
  /** Azure's name of what answers, decoded. */
  readonly deployment: string | null;
  /** Null: the body says so, or the answer never streams. */
  readonly streams: boolean | null;
  /** Everything else the path names, decoded: `version`, `project`, `location`, `publisher`. */
  readonly names: { readonly [name: string]: string };
}

/**
 * The call that a path is; null for one that costs nothing or is not known. A path spelled with escapes, doubled slashes
 * or a slash at its end is the same path. A name in it keeps its own escaped slashes: a model of Bedrock may be an ARN.
 *
 * @param pathname below the base URL, without query, beginning with a slash
 *
 * @example
 * matchPath(bedrock, '/model/eu.amazon.nova-lite-v1%3A0/converse-stream')?.model // 'eu.amazon.nova-lite-v1:0'
 * matchPath(gemini, '/v1beta/models/gemini-2.5-flash:streamGenerateContent')?.streams // true
 */
export function matchPath(form: ProviderForm, pathname: string): PathMatch | null {
  const plain = plainSpelling(pathname);
  return (
    matchSpelled(form, segmentsOf(pathname), decoded) ??
    (plain === null ? null : matchSpelled(form, segmentsOf(plain), same))
  );
}

/**
 * The surface whose path this one ends with, after any prefix: clients may be pointed at any address. Null if there
 * is none.
 *
 * @example surfaceOfEnd(openai, '/proxy/v7/chat/completions')?.name // 'chat'
 */
export function surfaceOfEnd({ surfaces }: ProviderForm, pathname: string): Surface | null {
  const segments = segmentsOf(pathname);
  const ends = ({ path }: SurfacePath) => {
    const wanted = templateOf(path);
    const from = segments.length - wanted.length;
    return from >= 0 && namesIn(wanted, segments.slice(from), same) !== null;
  };
  return surfaces.find(({ paths }) => paths.some(ends)) ?? null;
}

function matchSpelled(
  { roots, surfaces, free }: ProviderForm,
  segments: readonly string[],
  read: (name: string) => string,
): PathMatch | null {
  for (const root of roots) {
    const before = templateOf(root);
    const found = (path: string) => namesIn([...before, ...templateOf(path)], segments, read);
    if (free.some((path) => found(path) !== null)) return null;
    for (const surface of surfaces) {
      for (const { path, streams } of surface.paths) {
        const names = found(path);
        if (names === null) continue;
        const { model = null, deployment = null, ...others } = names;
        return { surface, model, deployment, streams: streams ?? null, names: others };
      }
    }
  }
  return null;
}

/** A segment of a pattern: plain text, or a name with text before or behind it. */
interface TemplateSegment {
  readonly before: string;
  readonly name: string | null;
  readonly after: string;
}

const TEMPLATES = new Map<string, readonly TemplateSegment[]>();

function templateOf(path: string): readonly TemplateSegment[] {
  const known = TEMPLATES.get(path);
  if (known !== undefined) return known;
  const template = path === '' ? [] : path.split('/').map(templateSegment);
  TEMPLATES.set(path, template);
  return template;
}

function templateSegment(text: string): TemplateSegment {
  const open = text.indexOf('{');
  const close = text.indexOf('}', open);
  if (open === -1 || close === -1) return { before: text, name: null, after: '' };
  return { before: text.slice(0, open), name: text.slice(open + 1, close), after: text.slice(close + 1) };
}

/** The values of a pattern's names; null if the segments do not fit it. */
function namesIn(
  template: readonly TemplateSegment[],
  segments: readonly string[],
  read: (name: string) => string,
): { [name: string]: string } | null {
  if (template.length !== segments.length) return null;
  const names: { [name: string]: string } = {};
  for (const [at, { before, name, after }] of template.entries()) {
    const segment = segments[at] ?? '';
    if (name === null) {
      if (segment !== before) return null;
      continue;
    }
    if (segment.length <= before.length + after.length) return null;
    if (!segment.startsWith(before) || !segment.endsWith(after)) return null;
    names[name] = read(segment.slice(before.length, segment.length - after.length));
  }
  return names;
}

function segmentsOf(pathname: string): readonly string[] {
  return (pathname.startsWith('/') ? pathname.slice(1) : pathname).split('/');
}

/** The plain spelling of a path; null where it is spelled plainly already, or with escapes that mean nothing. */
function plainSpelling(pathname: string): string | null {
  if (!/%|\/\/|\/$/.test(pathname)) return null;
  try {
    return decodeURIComponent(pathname).replace(/\/+/g, '/').replace(/\/$/, '');
  } catch {
    return null;
  }
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function same(name: string): string {
  return name;
}
