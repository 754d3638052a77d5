/** The installed price book: compiled from the public table and `prices/` by `npm run prices`. */
import { createPriceBook } from '../book.ts';
import type { PriceBook } from '../price-book.ts';
import { bookData } from './book-data.js';

export const book: PriceBook = createPriceBook(bookData);
