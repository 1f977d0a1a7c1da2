// Biome does the linting, and oxlint three rules that need types; this run keeps the pure layers free of clocks, timers and
// randomness. There is no way to switch a rule off for a line.
import tseslint from 'typescript-eslint'
import { PURE_LAYERS } from './build/layers.ts'

const ask = 'pure layers get time and randomness from outside (Clock, a random function)'

export default [
  { ignores: ['**/*.js'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parser: tseslint.parser },
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'off' },
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
