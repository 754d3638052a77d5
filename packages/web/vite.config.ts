import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `npm run dev` runs the server that API calls are passed to. */
const server = 'http://127.0.0.1:4141';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2023',
    // The content security policy forbids inline code and data: fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  server: { proxy: { '/api': server, '/trpc': server, '/login': server } },
});
