/** Shows who is signed in and where; switches to another tenant, and signs out. */
import { Menu, Text, UnstyledButton } from '@mantine/core';
import { IconArrowsExchange, IconLogout, IconUserCircle } from '@tabler/icons-react';
import { useState } from 'react';
import styles from './AccountMenu.module.css';
import { type Session, useSession } from './session.ts';

const ROLE_NAMES: { readonly [role in Session['role']]: string } = {
  admin: 'Administrator',
  tenant_admin: 'Tenant administrator',
  member: 'Member',
  viewer: 'Viewer',
  ingest: 'Ingest',
};

/** @param props.buttonClassName the look of its neighbours */
export function AccountMenu({ buttonClassName }: { readonly buttonClassName: string | undefined }) {
  const { role, tenant, tenants, person } = useSession();
  const [refusal, setRefusal] = useState<string | null>(null);
  const roleName = ROLE_NAMES[role];
  const nameOf = (home: string | null) =>
    home === null ? 'All tenants' : (tenants.find(({ id }) => id === home)?.name ?? home);
  const others = (person?.homes ?? []).filter((home) => home !== tenant);
  const ask = async (route: string, body: object) => setRefusal(await leaveBy(route, body));
  return (
    <Menu position="top-start" width={260} withinPortal withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <UnstyledButton
          className={`${buttonClassName} ${styles['button']}`}
          aria-label={`Account: ${person?.email ?? roleName}`}
        >
          <IconUserCircle size={20} stroke={1.6} aria-hidden />
          <span className={styles['name']}>{person?.email ?? roleName}</span>
          <span className={styles['short']}>Account</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={styles['who']}>
          <strong>{person?.email ?? roleName}</strong>
          <div>
            {person === null ? 'Signed in by a one-time link' : roleName} · {nameOf(tenant)}
          </div>
        </div>
        <Menu.Divider />
        {others.map((home) => (
          <Menu.Item
            key={home ?? ''}
            closeMenuOnClick={false}
            leftSection={<IconArrowsExchange size={16} stroke={1.6} aria-hidden />}
            onClick={() => void ask('/api/session/tenant', { tenant: home })}
          >
            Go on in {nameOf(home)}
          </Menu.Item>
        ))}
        <Menu.Item
          closeMenuOnClick={false}
          leftSection={<IconLogout size={16} stroke={1.6} aria-hidden />}
          onClick={() => void ask('/api/session/end', {})}
        >
          Sign out
        </Menu.Item>
        {refusal === null ? null : (
          <Text className={styles['refusal']} role="alert" size="xs">
            {refusal}
          </Text>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Requests another session or none, then reloads the start page, so that nothing of the former one stays. Else the error. */
async function leaveBy(route: string, body: object): Promise<string | null> {
  try {
    const response = await fetch(route, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    // 401: the session was over already, which the start page shows.
    if (!response.ok && response.status !== 401) return `The server answered ${response.status}.`;
    window.location.assign('/');
    return null;
  } catch {
    return 'The server did not answer. Is it running?';
  }
}
