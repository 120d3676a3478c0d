/// <reference types="vitest/config" />
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

/** Puts the theme on `<html>` before the first paint: a tiny blocking script, so that nothing flashes. */
function themeScript(): Plugin {
  const path = 'src/theme-init.js';
  const source = readFileSync(new URL(path, import.meta.url), 'utf8');
  const hash = createHash('sha256').update(source).digest('base64url').slice(0, 8);
  const fileName = `assets/theme-${hash}.js`;
  let building = false;
  return {
    name: 'theme-script',
    configResolved(config) {
      building = config.command === 'build';
    },
    buildStart() {
      if (building) this.emitFile({ type: 'asset', fileName, source });
    },
    transformIndexHtml() {
      const src = building ? `/${fileName}` : `/${path}`;
      return [{ tag: 'script', attrs: { src }, injectTo: 'head-prepend' }];
    },
  };
}

/** Keeps only the woff2 fonts of KaTeX: every browser we support reads them. */
function woff2Only(): Plugin {
  return {
    name: 'woff2-only',
    enforce: 'pre',
    transform(code, id) {
      if (!/katex(\.min)?\.css/.test(id)) return null;
      return { code: code.replace(/,\s*url\([^)]*\.(?:woff|ttf)\)\s*format\([^)]*\)/g, ''), map: null };
    },
  };
}

export default defineConfig({
  base: '/',
  plugins: [woff2Only(), svelte(), themeScript()],
  resolve: {
    alias: { entities: fileURLToPath(new URL('src/lib/entities.ts', import.meta.url)) },
    ...(process.env.VITEST ? { conditions: ['browser'] } : {}),
  },
  build: {
    outDir: '../src/blindarena/web/static',
    emptyOutDir: true,
    // light-dark() in the stylesheets sets this floor.
    target: ['chrome123', 'edge123', 'firefox121', 'safari17.5'],
    // A font as data: URL would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The licences of what is bundled travel with it.
    license: { fileName: 'assets/licenses.md' },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8000' } },
  test: {
    environment: 'jsdom',
    include: ['tests/**/*.test.ts'],
    // So that the alias above holds inside markdown-it too.
    server: { deps: { inline: ['markdown-it'] } },
  },
});
