import { Command } from 'commander'
import { healthSchema } from '../../contract/api-schema.ts'
import { OpError } from '../../kernel/errors.ts'
import { readOwner } from '../../runtime/owner-file.ts'
import { settingsFor } from '../settings-flags.ts'
import { statusLines } from '../status-block.ts'

/** `optrade status`: asks the running instance of the data folder. */
export function statusCommand(): Command {
  return new Command('status')
    .description('what runs, the health of each component, lag, last leg per index')
    .option('--json', 'the body of /health')
    .action(async (options: { json?: boolean }, command: Command) => {
      const { DATA_DIR: path } = settingsFor(command).settings
      const owner = readOwner(path)
      if (owner === null) throw new OpError('not_running', { path })
      const address = `http://127.0.0.1:${owner.port}`
      const health = healthSchema.parse(await ask(address, path))
      if (options.json) process.stdout.write(`${JSON.stringify(health, null, 2)}\n`)
      else process.stdout.write(`${statusLines(health, { address, dataRoot: path }).join('\n')}\n`)
    })
}

async function ask(address: string, path: string): Promise<unknown> {
  try {
    const reply = await fetch(`${address}/health`, { signal: AbortSignal.timeout(5_000) })
    return await reply.json()
  } catch (fault) {
    throw new OpError('not_running', { path }, { cause: fault })
  }
}
