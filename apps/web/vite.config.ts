import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Static files for any folder of a host: the page reads the API's URL from `config.json` beside it. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2023', cssTarget: 'chrome123', manifest: true },
});
