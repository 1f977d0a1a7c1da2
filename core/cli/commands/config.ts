import { Command } from 'commander'
import { settingsMarkdown } from '../../config/docs.ts'
import { formatSettings, showSettings } from '../../config/show.ts'
import { settingsFor } from '../settings-flags.ts'

/** `optrade config show|check|docs`. */
export function configCommand(): Command {
  const config = new Command('config').description('the settings in force')
  config
    .command('show')
    .description('every setting with its value and where it came from; secrets hidden')
    .option('--json', 'as JSON')
    .action((options: { json?: boolean }, command: Command) => {
      const shown = showSettings(settingsFor(command))
      process.stdout.write(options.json ? `${JSON.stringify(shown, null, 2)}\n` : formatSettings(shown))
    })
  config
    .command('check')
    .description('whether the settings are right; exit status 2 when not')
    .option('--json', 'as JSON')
    .action((options: { json?: boolean }, command: Command) => {
      const { unknown } = settingsFor(command)
      if (options.json) process.stdout.write(`${JSON.stringify({ ok: true, unknown })}\n`)
      else process.stdout.write(['the settings are right', ...unknown.map((name) => `unknown: ${name}`), ''].join('\n'))
    })
  config
    .command('docs')
    .description('the reference of all settings, as Markdown')
    .action(() => {
      process.stdout.write(settingsMarkdown())
    })
  return config
}
