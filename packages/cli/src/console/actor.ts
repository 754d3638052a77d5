/** The name under which the audit log records the person who runs the command line. */
import { userInfo } from 'node:os';

const MOST_CHARACTERS = 60;

/** `cli:<name of the user of the operating system>`; `cli` alone if that user has no name, as in some containers. */
export function cliActor(nameOf: () => string = () => userInfo().username): string {
  try {
    const name = nameOf().slice(0, MOST_CHARACTERS).toWellFormed();
    return name === '' || name.includes('\0') ? 'cli' : `cli:${name}`;
  } catch {
    return 'cli';
  }
}
