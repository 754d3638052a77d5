/** What a server in a process of its own says of its event loop and its memory. */
export interface ServerVitals {
  /** Longest turn of the loop since the start, processor time of its thread: other programs do not count. */
  readonly longestBusyMs: number;
  /** The same by the clock. */
  readonly longestStallMs: number;
  readonly peakResidentBytes: number;
}

/** Reads `/metrics` of a server with a key that may (`instance:manage`). */
export async function readVitals(url: string, key: string): Promise<ServerVitals> {
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  if (!answer.ok) throw new Error(`/metrics answered ${answer.status}`);
  const text = await answer.text();
  const figure = (name: string) => {
    const line = text.split('\n').find((one) => one.startsWith(`${name} `));
    if (line === undefined) throw new Error(`/metrics has no ${name}`);
    return Number(line.slice(name.length + 1));
  };
  return {
    longestBusyMs: figure('farthing_event_loop_stall_seconds{clock="processor",since="start"}') * 1000,
    longestStallMs: figure('farthing_event_loop_stall_seconds{clock="wall",since="start"}') * 1000,
    peakResidentBytes: figure('farthing_process_peak_resident_bytes'),
  };
}
