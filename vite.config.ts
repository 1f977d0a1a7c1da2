import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const page = {
  root: 'app/renderer',
  base: './',
  plugins: [react()],
  environments: {
    client: {
      build: {
        outDir: '../../out/page',
        emptyOutDir: true,
        target: 'chrome114',
        // The policy of the page allows no data: URLs.
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
      },
    },
  },
}

export default defineConfig(({ command }) =>
  command === 'build'
    ? page
    : {
        test: {
          include: ['core', 'app', 'build', 'bench', 'e2e'].map((folder) => `${folder}/**/*.test.ts`),
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
)
