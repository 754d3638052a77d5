/** The installed price book: compiled from the public table and `prices/` by `npm run prices`. */
import { createPriceBook } from '../book/book.ts';
import type { BookData, ProviderData } from '../book/book-data.ts';
import type { PriceBook } from '../book/price-book.ts';
import { bookData } from './book-data.js';

export const book: PriceBook = createPriceBook(bookData);

/** Its providers and the names of their models, for books that are laid over it. */
export const installedProviders: readonly ProviderData[] = bookData.providers;

/** All of it, for a book that replaces some of its models. */
export const installedData: BookData = bookData;
