/** Whether the page is live, in a word and a dot. */
import { useContext } from 'react';
import styles from './LiveMark.module.css';
import { LiveContext, type LiveState } from './live.ts';

const WORDS: Record<LiveState, string> = { connecting: 'connecting', live: 'live', lost: 'reconnecting' };

export function LiveMark() {
  const { state } = useContext(LiveContext);
  return (
    <span className={styles['live']} data-state={state} role="status">
      <span className={styles['dot']} aria-hidden />
      {WORDS[state]}
    </span>
  );
}
