import { app } from 'electron'

/** An exit status that nothing else uses: a fault that nobody caught. */
const FAULT = 70

// Electron would open a dialog and wait, while nothing is recorded.
process.on('uncaughtException', (fault) => {
  process.stderr.write(`optrade: ${fault.stack ?? fault.message}\n`)
  app.exit(FAULT)
})
// Whoever reads our output may leave: the recording goes on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

void import('./shell.ts').then(({ startShell }) => startShell())
