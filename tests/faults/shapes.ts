/** JSON, and what only looks like it, made to cost a reader more than its length. */

export interface Shape {
  readonly name: string;
  /** About `size` bytes of it. */
  make(size: number): Buffer;
}

const repeated = (name: string, piece: string, before = '', after = ''): Shape => ({
  name,
  make: (size) => {
    const unit = Buffer.from(piece);
    const count = Math.max(1, Math.floor(size / unit.length));
    return Buffer.concat([Buffer.from(before), Buffer.alloc(count * unit.length, unit), Buffer.from(after)]);
  },
});

const nested = (name: string, opening: string, inside: string, closing: string): Shape => ({
  name,
  make: (size) => {
    const count = Math.max(1, Math.floor(size / (opening.length + closing.length)));
    return Buffer.from(opening.repeat(count) + inside + closing.repeat(count));
  },
});

const members = (name: string, member: (index: number) => string): Shape => ({
  name,
  make: (size) => {
    const bytes = Buffer.alloc(size + 64);
    let length = bytes.write('{');
    for (let index = 0; length < size; index += 1) length += bytes.write(`${member(index)},`, length);
    // The last comma gives way to the brace.
    bytes[length - 1] = 0x7d;
    return bytes.subarray(0, length);
  },
});

export const SHAPES: readonly Shape[] = [
  repeated('empty objects', '{},', '[', '{}]'),
  repeated('empty lists', '[],', '[', '[]]'),
  repeated('numbers', '0.12345678,', '[', '1]'),
  repeated('nulls', 'null,', '[', 'null]'),
  repeated('short texts', '"a",', '[', '"a"]'),
  repeated('small objects', '{"a":[{"b":1}]},', '[', '{}]'),
  repeated('counts', '{"input_tokens":1,"output_tokens":1},', '[', '{}]'),
  repeated('one text', 'x', '"', '"'),
  repeated('words', 'word and ', '"', '"'),
  repeated('escapes', '\\"\\\\', '"', '"'),
  repeated('unicode escapes', '\\u0041', '"', '"'),
  repeated('surrogates', '\\ud83d', '"', '"'),
  repeated('emoji', '🦆', '"', '"'),
  repeated('one number', '1', '', ''),
  repeated('blanks inside', ' ', '{"a":', '1}'),
  repeated('line breaks inside', '\n', '[1,', '1]'),
  repeated('a long key', 'k', '{"', '":1}'),
  nested('lists in lists', '[', '', ']'),
  nested('objects in objects', '{"a":', '1', '}'),
  nested('lists and objects', '[{"a":', '1', '}]'),
  members('members', (index) => `"k${index}":1`),
  members('members that are objects', (index) => `"k${index}":{}`),
  members('one member again and again', () => '"input_tokens":1'),
  members('counts of every name', (index) => `"t${index}_tokens":${index}`),
  repeated('lists that are never closed', '['),
  repeated('objects that are never closed', '{"a":'),
  repeated('a text that is never closed', 'x', '"'),
  repeated('quotes', '"'),
  repeated('backslashes', '\\'),
  repeated('commas', ','),
  repeated('blanks', ' '),
  repeated('lines', '{}\n'),
  repeated('NUL', '\0'),
  { name: 'no UTF-8', make: (size) => Buffer.alloc(size, 0xff) },
];

/** Shapes that are JSON by themselves, whatever stands around them. */
export const VALUES = SHAPES.slice(
  0,
  SHAPES.findIndex(({ name }) => name === 'lists that are never closed'),
);
