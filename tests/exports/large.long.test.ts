import { largeFileTests } from './large-files.ts';

largeFileTests(200_000);
