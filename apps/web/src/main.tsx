import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { loadConfig } from './config/load.ts';
import { applyTheme, rememberedTheme } from './shell/theme.ts';
import './style/index.css';

applyTheme(rememberedTheme());
const root = createRoot(document.getElementById('root')!);
loadConfig().then(
  (config) => root.render(<App config={config} />),
  (error: Error) =>
    root.render(
      <main className="splash">
        <h1>Darkroom cannot start</h1>
        <p role="alert">{error.message}</p>
      </main>,
    ),
);
