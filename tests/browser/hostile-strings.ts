/** Fifty names that try to run, to break out, to overflow or to confuse; each is within the ledger's bounds. */
const LONGEST = 256;
const RUN = 'window.hit=1';

export const HOSTILE_STRINGS: readonly string[] = [
  // markup
  `<script>${RUN}</script>`,
  `<img src=x onerror="${RUN}">`,
  `<svg onload=${RUN}>`,
  `<iframe srcdoc="<script>parent.${RUN}</script>">`,
  `"><script>${RUN}</script>`,
  `' onmouseover='${RUN}' x='`,
  `</title><script>${RUN}</script>`,
  `</textarea><img src=x onerror=${RUN}>`,
  `<!--<img src="--><img src=x onerror=${RUN}>">`,
  `<style>*{display:none!important}</style>`,
  `<base href="https://evil.example/">`,
  `<meta http-equiv=refresh content="0;url=https://evil.example">`,
  `<math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img onerror=${RUN} src>">`,
  `<a href="javascript:${RUN}">click</a>`,
  // addresses and templates
  `javascript:${RUN}`,
  `data:text/html,<script>${RUN}</script>`,
  '//evil.example/x',
  '../../../../etc/passwd',
  '%2e%2e%2f%00',
  '?range=90d&tenant=globex#x',
  'a/b/c',
  '.',
  '..',
  `{{constructor.constructor('${RUN}')()}}`,
  `\${${RUN}}`,
  '$tenant/$id',
  // names of the language
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  'NaN',
  'true',
  '1e309',
  '123',
  '{"a":1}',
  // formulas and queries
  `=HYPERLINK("https://evil.example","x")`,
  `@SUM(1+1)*cmd|' /C calc'!A0`,
  `'; drop table usage_events; --`,
  // text that misleads or overflows
  '\u202Egpj.exe\u202C',
  '\u2066\u2067\u2068abc\u2069',
  'a\u200Bb\uFEFF\u200Dc',
  'مرحبا שלום 漢字 ไทย',
  '👩‍👩‍👧‍👦🏳️‍🌈'.repeat(6),
  `Z${'\u0300\u0301\u0302\u0303\u0489'.repeat(40)}`,
  'W'.repeat(LONGEST),
  `${'very long words '.repeat(15)}end`,
  'x\u2028line\u2029paragraph',
  `<${'x'.repeat(LONGEST - 2)}>`,
];

/** Names that the ledger refuses item by item. */
export const REFUSED_STRINGS: readonly string[] = [
  'line\nbreak',
  'null\u0000byte',
  'bell\u0007',
  'x'.repeat(10_000),
  '   ',
];
