import { largeFileTests } from './large-files.ts';

largeFileTests(60_000);
