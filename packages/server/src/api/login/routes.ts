/** Routes of `login/`: signing in, and the caller's own sessions. */
import type { Routes } from '../endpoint.ts';
import { acceptLink, openLoginLink, signIn } from './login.ts';
import { changeOwnPassword, endSession, switchTenant } from './session.ts';
import { endOwnSession, listOwnSessions } from './sessions.ts';

export const loginRoutes: Routes = {
  'GET /login': openLoginLink,
  'POST /api/login': signIn,
  'POST /api/login/link': acceptLink,
  'POST /api/session/end': endSession,
  'POST /api/session/password': changeOwnPassword,
  'POST /api/session/tenant': switchTenant,
  'GET /api/sessions': listOwnSessions,
  'DELETE /api/sessions/:id': endOwnSession,
};
