// Biome does the linting; this run adds only what needs types (three rules on promises and unions) and keeps
// the pure layers free of clocks, timers and randomness. There is no way to switch a rule off for a line.
import tseslint from 'typescript-eslint'
import { PURE_LAYERS } from './build/layers.ts'

const ask = 'pure layers get time and randomness from outside (Clock, a random function)'

export default [
  { ignores: ['**/*.js'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    plugins: { '@typescript-eslint': tseslint.plugin },
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'off' },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  {
    files: PURE_LAYERS.map((layer) => `${layer}/**/*.ts`),
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'performance', 'crypto', 'globalThis'].map(
          (name) => ({ name, message: ask }),
        ),
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'MemberExpression[object.name="Date"][property.name="now"]', message: `No Date.now: ${ask}.` },
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: `No new Date(): ${ask}.` },
        { selector: 'CallExpression[callee.name="Date"]', message: `No Date(): ${ask}.` },
        {
          selector: 'MemberExpression[object.name="Math"][property.name="random"]',
          message: `No Math.random: ${ask}.`,
        },
        { selector: 'VariableDeclarator[init.name=/^(Date|Math)$/]', message: `No alias of Date or Math: ${ask}.` },
      ],
    },
  },
]
