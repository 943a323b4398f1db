import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** One page of static files that may lie in any folder: it learns where the API is from `config.json` beside it. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2023', cssTarget: 'chrome123', manifest: true },
});
