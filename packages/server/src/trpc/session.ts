/** Who is signed in. */
import { procedure, router } from './trpc.ts';

export const sessionRouter = router({
  me: procedure.query(({ ctx }) => ctx.services.session(ctx.viewer)),
});
