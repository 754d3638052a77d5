/** The whole server: real recorder, embedded PostgreSQL, strict durability. Prints its URL. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, pickEnv, startServer } from '@farthing/server';

const [, , upstream = '', adminKey = '', durability = 'strict'] = process.argv;
const dataDir = await mkdtemp(join(tmpdir(), 'farthing-bench-'));
const server = await startServer(
  loadConfig(
    pickEnv({
      PORT: '0',
      FARTHING_DATA_DIR: dataDir,
      FARTHING_ADMIN_KEY: adminKey,
      FARTHING_LOG_LEVEL: 'error',
      FARTHING_OPENAI_BASE_URL: upstream,
      FARTHING_GATEWAY_DURABILITY: durability,
    }),
  ),
);
process.once('disconnect', async () => {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
  process.exit(0);
});
process.send?.(server.url);
