import { Link } from '@tanstack/react-router';
import { readSearch } from '../address/search.ts';

export function NotFound() {
  return (
    <div className="page">
      <h1>There is no such page</h1>
      <p>
        The address does not belong to any page of Farthing.{' '}
        <Link to="/" search={readSearch({})}>
          Go to the overview
        </Link>
        .
      </p>
    </div>
  );
}
