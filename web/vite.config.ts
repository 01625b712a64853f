import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { budget } from './build/budget.ts'
import { client } from './build/client.ts'
import { licences } from './build/licences.ts'
import { className, sheets } from './build/sheets.ts'
import { slim } from './build/slim.ts'

const server = process.env.PARLEY_URL ?? 'http://127.0.0.1:3000'

export default defineConfig({
  resolve: client,
  plugins: [
    react(),
    sheets(),
    slim(),
    licences(),
    budget({ script: 120_000, rare: 43_000, language: 8_000, emoji: 20_000, style: 12_000 }),
  ],
  css: { modules: { generateScopedName: className } },
  build: {
    target: 'es2023',
    // The server puts what lies under assets/ below a version, so paths within
    // scripts are relative to them; a list of what to fetch ahead would not be.
    modulePreload: {
      polyfill: false,
      resolveDependencies: (_, pieces, { hostType }) => (hostType === 'html' ? pieces : []),
    },
    assetsInlineLimit: 0,
    // One sheet: what is fetched later has its look from the start.
    cssCodeSplit: false,
    rolldownOptions: {
      // Names of classes, too, see build/sheets.ts.
      optimization: { inlineConst: { mode: 'all', pass: 1 } },
      output: {
        // Stable names: the build is committed, and the server names its
        // version. What is needed at once is two files, which compress better than
        // many: the packages, which change seldom, and the page. Icons come and
        // go with the page.
        entryFileNames: 'assets/parley.js',
        chunkFileNames: 'assets/[name].js',
        assetFileNames: 'assets/[name][extname]',
        codeSplitting: {
          groups: [
            { name: 'packages', tags: ['$initial'], test: /node_modules.(?!lucide)/ },
            { name: 'parley', tags: ['$initial'] },
          ],
        },
      },
    },
  },
  server: {
    // Changes of this header keep the origin check of the server satisfied.
    proxy: {
      '/api': { target: server, changeOrigin: true },
      '/socket.io': { target: server, changeOrigin: true, ws: true },
    },
  },
})
