import { Command, CommanderError } from 'commander'
import { reportFault } from './report-fault.ts'

/** Each is read only when it is named, or when all are to be shown: a start must not wait for what it does not need. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./commands/run.ts')).runCommand(),
  status: async () => (await import('./commands/status.ts')).statusCommand(),
  analyse: async () => (await import('./commands/analyse.ts')).analyseCommand(),
  export: async () => (await import('./commands/export.ts')).exportCommand(),
  recover: async () => (await import('./commands/recover.ts')).recoverCommand(),
  encryption: async () => (await import('./commands/encryption.ts')).encryptionCommand(),
  sim: async () => (await import('./commands/sim.ts')).simCommand(),
  config: async () => (await import('./commands/config.ts')).configCommand(),
}

/** The command line: 0 done, 1 failed, 2 wrong use. */
async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('optrade')
    .description('Monitor and recorder for Indian index options')
    .option('--data-dir <folder>', 'where everything is recorded (DATA_DIR)')
    .exitOverride()
    .showHelpAfterError('(--help shows what can be said)')
  const named = Object.hasOwn(COMMANDS, argv[0] ?? '') ? [argv[0] ?? ''] : Object.keys(COMMANDS)
  for (const name of named) {
    const command = await COMMANDS[name]?.()
    if (command !== undefined) program.addCommand(command)
  }
  inheritBehaviour(program)
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (fault) {
    if (fault instanceof CommanderError) return fault.exitCode === 0 ? 0 : 2
    return reportFault(fault)
  }
}

/** Commander hands its behaviour on faults only to commands that it made itself. */
function inheritBehaviour(parent: Command): void {
  for (const command of parent.commands) inheritBehaviour(command.copyInheritedSettings(parent))
}

// Whoever read our output may leave (`optrade run | head`): the recording goes on, and there is nobody left to tell.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status
})
