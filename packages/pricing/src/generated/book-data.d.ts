import type { BookData } from '../book/book-data.ts';

/** The data of the installed price book, see tools/prices. */
export const bookData: BookData;
