/** The server's exports for other workspaces: the CLI starts it, tests and benchmarks embed it. */
export { keyAnswerOf } from './api/admin/keys.ts';
export { tenantAnswerOf } from './api/admin/tenants.ts';
export { userAnswerOf } from './api/admin/users.ts';
export { DAY_MS } from './clock/lengths.ts';
export { type Config, ConfigError, loadConfig } from './config.ts';
export { type BackupResult, backup } from './db/backup/backup.ts';
export { type RestoreResult, restore } from './db/backup/restore.ts';
export { createDatabase, type Database, type Log } from './db/database.ts';
export { type EmbeddedPostgres, embeddedConnectionString, openEmbedded } from './db/embedded/open.ts';
export { type MigrationResult, migrate, readMigrations } from './db/schema/migrate.ts';
export type { OpenRight } from './db/schema/public-rights.ts';
export { type Env, pickEnv, readEnv } from './env.ts';
export { type DryRun, openDryRun } from './ingest/dry-run.ts';
export { type RunningServer, type StartOptions, startServer } from './main.ts';
export { examineOverrides, type OverridesReport } from './price-book/overrides/examine-overrides.ts';
export { overridesOf } from './price-book/overrides/override-prices.ts';
export { installedTableVersion } from './price-book/refresh/read-table.ts';
export { type Leftover, readLeftovers, type SpoolSurvey, surveySpool } from './record/spool/survey.ts';
export type { RollupComparison, RollupDifference } from './rollups/compare.ts';
export { rebuildRollups } from './rollups/rebuild.ts';
export { setTenantZone } from './rollups/write-tenant-zone.ts';
export { VARIABLES, type Variable } from './settings-table.ts';
export { auditFaultText, proveAuditChain } from './tenants/audit/find-audit-faults.ts';
export type { ApiKey } from './tenants/keys/api-key.ts';
export { HELPER_KEY_MS, type HelperKey, makeHelperKey } from './tenants/keys/helper-key-store.ts';
export { type CreatedKey, MAX_OVERLAP_SECONDS, type NewKey } from './tenants/keys/key-store.ts';
export { watermarkOf } from './tenants/read-watermarks.ts';
export { openReportingRights } from './tenants/reporting-logins/reporting-bounds-store.ts';
export {
  createReportingLogin,
  listReportingLogins,
  type ReportingLogin,
  removeReportingLogin,
} from './tenants/reporting-logins/reporting-login-store.ts';
export { LOGIN_LINK_MINUTES, loginUrl, welcomeUrl } from './tenants/sessions/login-link-store.ts';
export { createSessionStore, type SessionStore } from './tenants/sessions/session-store.ts';
export { createSignIn } from './tenants/sign-in/sign-in.ts';
export { createTenantStore, type NewTenant, type TenantStore } from './tenants/store.ts';
export { DEFAULT_TENANT, type Tenant } from './tenants/tenant.ts';
export type { User } from './tenants/users/user.ts';
export { createUserStore, type UserStore } from './tenants/users/user-store.ts';
export { type LineTokenEstimator, openLineTokenEstimator } from './tokens/line-token-estimate.ts';
