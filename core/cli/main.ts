import { Command, CommanderError } from 'commander'
import { analyseCommand } from './commands/analyse.ts'
import { configCommand } from './commands/config.ts'
import { encryptionCommand } from './commands/encryption.ts'
import { exportCommand } from './commands/export.ts'
import { recoverCommand } from './commands/recover.ts'
import { runCommand } from './commands/run.ts'
import { simCommand } from './commands/sim.ts'
import { statusCommand } from './commands/status.ts'
import { reportFault } from './report-fault.ts'

/** The command line: 0 done, 1 failed, 2 wrong use. */
async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('optrade')
    .description('Monitor and recorder for Indian index options')
    .option('--data-dir <folder>', 'where everything is recorded (DATA_DIR)')
    .exitOverride()
    .showHelpAfterError('(--help shows what can be said)')
  const commands = [
    runCommand(),
    statusCommand(),
    analyseCommand(),
    exportCommand(),
    recoverCommand(),
    encryptionCommand(),
    simCommand(),
    configCommand(),
  ]
  for (const command of commands) program.addCommand(command)
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
