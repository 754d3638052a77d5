/** Times in the chosen IANA zone. Input is RFC 3339 text of the API. */

/** `14:03:22`. */
export function formatClock(iso: string, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone }).format(new Date(iso));
}

/** `22 Nov 2026, 14:03:22 GMT+1`: the zone is always named. */
export function formatInstant(iso: string, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZone,
    timeZoneName: 'short',
  }).format(new Date(iso));
}

/** Short month names of our own: browsers disagree about September. */
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `22 Nov`, of an instant in a zone. */
export function formatDayOf(iso: string, timeZone: string): string {
  const day = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return formatDay(day.format(new Date(iso)));
}

/** `22 Nov`, of a calendar date (`2026-11-22`) that already is in the zone. */
export function formatDay(date: string): string {
  return `${Number(date.slice(8, 10))} ${MONTHS[Number(date.slice(5, 7)) - 1] ?? ''}`;
}

/** `November 2026`. */
export function formatMonth(month: string): string {
  return new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    new Date(`${month.slice(0, 7)}-01T00:00:00Z`),
  );
}

const AGO = [
  { seconds: 86_400, unit: 'd' },
  { seconds: 3_600, unit: 'h' },
  { seconds: 60, unit: 'min' },
] as const;

/** `3 min ago`; only ever shown beside the real time. */
export function formatAgo(iso: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  for (const step of AGO) {
    if (seconds >= step.seconds) return `${Math.floor(seconds / step.seconds)} ${step.unit} ago`;
  }
  return seconds < 5 ? 'just now' : `${seconds} s ago`;
}

/** Zones that browsers still list by a name their country has given up; both names mean the same zone. */
const TODAYS_NAMES: { readonly [listed: string]: string } = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Godthab': 'America/Nuuk',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Ponape': 'Pacific/Pohnpei',
  'Pacific/Truk': 'Pacific/Chuuk',
};

/** The browser's zones under today's names, UTC first; `current` is always among them. */
export function knownTimeZones(current: string): readonly string[] {
  const listed = Intl.supportedValuesOf('timeZone').map((zone) => TODAYS_NAMES[zone] ?? zone);
  const zones = new Set([...listed, current].sort());
  zones.delete('UTC');
  return ['UTC', ...zones];
}
