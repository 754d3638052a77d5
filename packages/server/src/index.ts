/** What other workspaces use of the server: the CLI starts it, tests and benchmarks embed it. */
export { type Config, ConfigError, loadConfig } from './config.ts';
export { type Env, pickEnv, readEnv, VARIABLES, type Variable } from './env.ts';
export { type RunningServer, startServer } from './main.ts';
