import { expect, test } from 'vitest';
import { createSeats } from './seats.ts';

test('every holder gets one place at least, however few there are', () => {
  const seats = createSeats({ seats: 2, name: 'places', retryAfter: 10 });
  const leave = seats.take({ tenant: 'acme', key: 'k1' });
  expect(() => seats.take({ tenant: 'acme', key: 'k1' })).toThrow('its share');
  seats.take({ tenant: 'globex', key: 'k1' });
  expect(() => seats.take({ tenant: null, key: 'k1' })).toThrow('There are already 2 places.');
  leave();
  leave();
  expect(seats.taken).toBe(1);
  seats.take({ tenant: null, key: 'k1' });
});

test('none at all is refused to everybody', () => {
  const seats = createSeats({ seats: 0, name: 'places', retryAfter: 10 });
  expect(() => seats.take({ tenant: 'acme', key: 'k1' })).toThrow('There are already 0 places.');
});
