/** Something the user can mend; its message is printed without a stack. */
export class SetupError extends Error {
  name = 'SetupError';
}
