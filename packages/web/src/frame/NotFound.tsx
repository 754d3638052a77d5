import { Link } from '@tanstack/react-router';
import { readSearch } from '../address/search.ts';
import { PageBody } from './PageBody.tsx';

export function NotFound() {
  return (
    <PageBody>
      <h1>There is no such page</h1>
      <p>
        The address does not belong to any page of Farthing.{' '}
        <Link to="/" search={readSearch({})}>
          Go to the overview
        </Link>
        .
      </p>
    </PageBody>
  );
}
