#!/usr/bin/env node
/** The program `nearbit`: arguments in, exit code out. */
import { main } from './main';

process.exitCode = await main(process.argv.slice(2));
