/**
 * The command line: which command, and what its end means.
 * In: argv. Out: exit code 0 done, 1 the work failed, 2 wrong usage. Errors go to stderr in one sentence.
 */
import { describe, NearbitError } from '../errors';
import { version } from '../version';
import { evalCommand, evalUsage } from './eval-command';
import { indexCommand, indexUsage } from './index-command';
import { inspectCommand, inspectUsage } from './inspect-command';
import { modelCommand, modelUsage } from './model-command';
import { searchCommand, searchUsage } from './search-command';
import { serveCommand, serveUsage } from './serve-command';
import { tuneCommand, tuneUsage } from './tune-command';

const commands: Record<string, { run: (args: string[]) => Promise<number>; usage: string }> = {
  index: { run: indexCommand, usage: indexUsage },
  model: { run: modelCommand, usage: modelUsage },
  search: { run: searchCommand, usage: searchUsage },
  eval: { run: evalCommand, usage: evalUsage },
  tune: { run: tuneCommand, usage: tuneUsage },
  serve: { run: serveCommand, usage: serveUsage },
  inspect: { run: inspectCommand, usage: inspectUsage },
};

export async function main(argv: string[]): Promise<number> {
  const [name = '--help', ...args] = argv;
  if (name === '--version') {
    console.log(version);
    return 0;
  }
  const command = commands[name];
  if (!command || args.includes('--help')) {
    const lines = command ? [command.usage] : Object.values(commands).map(({ usage }) => usage);
    const known = command !== undefined || name === '--help';
    (known ? console.log : console.error)(
      known ? lines.join('\n') : `Unknown command ${name}\n${lines.join('\n')}`,
    );
    return known ? 0 : 2;
  }
  try {
    return await command.run(args);
  } catch (error) {
    if (!(error instanceof NearbitError)) {
      console.error(error instanceof Error ? error.stack : describe(error));
      return 1;
    }
    console.error(error.message);
    return error.code === 'usage' ? 2 : 1;
  }
}
