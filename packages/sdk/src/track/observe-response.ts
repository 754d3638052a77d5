/**
 * Observes what the owner of a response reads. The response stays the same object with the same status,
 * headers and bytes. Only what its owner reads is read, and nothing is held back.
 */
import type { UsageChunkFilter } from '@farthing/pricing/extract';

/** Learns what the owner of a response reads. Must not throw. */
export interface ResponseObserver {
  /** Bytes of the body, in order. Ours to keep. */
  bytes(chunk: Uint8Array): void;
  /** The whole body as text, instead of bytes. */
  text(text: string): void;
  /** Nothing more comes: it was read to the end, its owner stopped, or reading failed. Called once. */
  end(): void;
}

const READERS = ['text', 'json', 'arrayBuffer', 'blob', 'bytes', 'formData'] as const;

/** Makes the filter of one reading; a response and its clones are read apart from each other. */
export type FilterFactory = () => UsageChunkFilter;

/** Attaches the observer. If a response is cloned, the copy that is read first counts. */
export function observeResponse(
  response: Response,
  observer: ResponseObserver,
  filter?: FilterFactory,
): void {
  attach(response, firstReader(observer), filter);
}

function attach(
  response: Response,
  readers: () => ResponseObserver,
  filter: FilterFactory | undefined,
): void {
  const observer = readers();
  const own = (name: string, value: unknown) =>
    Object.defineProperty(response, name, { value, configurable: true, writable: true });
  let body: ReadableStream<Uint8Array> | undefined;
  const source = response.body;
  const observable = source !== null && typeof source.getReader === 'function';
  if (observable) {
    Object.defineProperty(response, 'body', {
      configurable: true,
      get: () => {
        body ??= observedStream(source, observer, filter?.());
        return body;
      },
    });
  }
  for (const name of READERS) {
    if (typeof response[name] !== 'function') continue;
    // Through our stream where it matters what the owner sees; else the native reader, which is faster.
    own(
      name,
      filter === undefined ? wholeReader(response, name, observer) : () => detached(response)[name](),
    );
  }
  const clone = response.clone.bind(response);
  own('clone', () => {
    const copy = clone();
    attach(copy, readers, filter);
    return copy;
  });
}

/** A plain response over the observed body. */
function detached(response: Response): Response {
  return new Response(response.body, { status: response.status, headers: response.headers });
}

/** One of the methods that read a body whole. JSON is observed as the text it is parsed from. */
function wholeReader(response: Response, name: (typeof READERS)[number], observer: ResponseObserver) {
  const read = name === 'json' ? response.text.bind(response) : response[name].bind(response);
  return async () => {
    let value: unknown;
    try {
      value = await read();
    } catch (error) {
      observer.end();
      throw error;
    }
    if (typeof value === 'string') observer.text(value);
    else if (value instanceof ArrayBuffer) observer.bytes(new Uint8Array(value.slice(0)));
    else if (value instanceof Uint8Array) observer.bytes(value.slice());
    observer.end();
    return name === 'json' ? JSON.parse(value as string) : value;
  };
}

/** The body, chunk by chunk as its reader asks for it; `source` is locked by the first read, not before. */
function observedStream(
  source: ReadableStream<Uint8Array>,
  observer: ResponseObserver,
  filter: UsageChunkFilter | undefined,
): ReadableStream<Uint8Array> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let failure: { readonly error: unknown } | undefined;
  const pull = async (controller: ReadableByteStreamController): Promise<void> => {
    if (failure !== undefined) return controller.error(failure.error);
    reader ??= source.getReader();
    try {
      // A chunk may leave nothing to pass on; then this pull has to wait for the next chunk.
      for (;;) {
        const { done, value } = await reader.read();
        if (done) {
          const rest = filter?.end();
          if (rest !== undefined && rest.length > 0) controller.enqueue(rest.slice());
          controller.close();
          controller.byobRequest?.respond(0);
          return observer.end();
        }
        // Enqueueing hands the memory over, so what we keep is a copy, and what a filter shares is one too.
        observer.bytes(value.slice());
        const out = filter === undefined ? value : filter.push(value).slice();
        if (out.length > 0) return controller.enqueue(out);
      }
    } catch (error) {
      observer.end();
      const rest = filter?.end();
      if (rest === undefined || rest.length === 0) return controller.error(error);
      // An error now would discard bytes that the client has not received yet.
      failure = { error };
      controller.enqueue(rest.slice());
    }
  };
  const cancel = (reason: unknown): Promise<void> => {
    observer.end();
    return reader === undefined ? source.cancel(reason) : reader.cancel(reason);
  };
  return new ReadableStream({ type: 'bytes', pull, cancel }, { highWaterMark: 0 });
}

/** Observers for a response and its clones: only the first reader counts; a fault of ours never surfaces. */
function firstReader(observer: ResponseObserver): () => ResponseObserver {
  let heard: object | undefined;
  let ended = false;
  return () => {
    const self = {};
    const guarded = (act: () => void) => {
      heard ??= self;
      if (ended || heard !== self) return;
      try {
        act();
      } catch {
        ended = true;
      }
    };
    return {
      bytes: (chunk) => guarded(() => observer.bytes(chunk)),
      text: (text) => guarded(() => observer.text(text)),
      end: () =>
        guarded(() => {
          ended = true;
          observer.end();
        }),
    };
  };
}
