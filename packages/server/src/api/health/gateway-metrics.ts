/**
 * How much of their shared places and memory gateway calls take, as metrics. No labels for tenant or key, to keep
 * series few.
 */
import { Counter, Gauge, type Registry } from '@prometheus-io/client';
import type { GatewayRooms } from '../../gateway/admission/rooms.ts';
import type { RoomReading } from '../../http/rooms/room.ts';

/** Adds the gateway's metrics to the registry of one scrape. */
export function gatewayMetrics(registry: Registry, { calls, memory }: GatewayRooms): void {
  const registers = [registry];
  const labelNames = ['provider'] as const;
  const underWay = new Gauge({
    name: 'farthing_gateway_calls',
    help: 'Calls under way through the gateway.',
    labelNames,
    registers,
  });
  const waiting = new Gauge({
    name: 'farthing_gateway_calls_waiting',
    help: 'Calls that wait for one of the others to end.',
    labelNames,
    registers,
  });
  const refused = new Counter({
    name: 'farthing_gateway_refused_total',
    help: 'Calls that found no room in time, by what was short and whose share it was.',
    labelNames: ['room', 'shortage'] as const,
    registers,
  });
  const count = (room: string, { refused: by }: RoomReading) => {
    for (const [shortage, times] of Object.entries(by)) refused.inc({ room, shortage }, times);
  };
  for (const [provider, room] of Object.entries(calls)) {
    const reading = room.read();
    underWay.set({ provider }, reading.taken);
    waiting.set({ provider }, reading.waiting);
    count(provider, reading);
  }
  const held = memory.read();
  new Gauge({
    name: 'farthing_gateway_memory_bytes',
    help: 'Bytes of request bodies and held ends of answers in memory.',
    registers,
  }).set(held.taken);
  new Gauge({
    name: 'farthing_gateway_bodies_waiting',
    help: 'Calls whose body waits for memory.',
    registers,
  }).set(held.waiting);
  count('memory', held);
}
