/** How a query says no, in the form every parameter error has. */
import { AppError } from '@farthing/contract';

/**
 * An `invalid_parameter` that names its place.
 *
 * @example throw refuseParameter('from', 'must lie before to');
 */
export function refuseParameter(path: string, message: string): AppError {
  return new AppError('invalid_parameter', `${path}: ${message}.`, { details: [{ path, message }] });
}
