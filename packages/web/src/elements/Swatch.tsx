import styles from './Swatch.module.css';

/** The colour of a series beside its name. Drawn, so that it stays where the system replaces backgrounds. */
export function Swatch({ color }: { readonly color: string }) {
  return (
    <svg className={styles['swatch']} viewBox="0 0 10 10" aria-hidden="true">
      <rect width="10" height="10" rx="2" fill={color} />
    </svg>
  );
}
