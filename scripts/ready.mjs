/**
 * Set-up for the two README commands, so that both work alone in a fresh clone.
 * In: this machine. Out: node_modules as the lockfile says, and the path of a Chromium.
 * Uses only what Node brings: it runs before anything is installed. Installs nothing that is already there.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Flags that keep a test browser quiet and offline; `--no-sandbox` because containers run as root. */
const chromiumArgs = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const insideCache = ['chrome-linux64/chrome', 'chrome-linux/chrome'];
const macCache = ['chrome-mac/Chromium.app/Contents/MacOS/Chromium'];

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function onPath(name) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** Playwright keeps its downloads as `<cache>/chromium-<revision>/…`; the newest revision wins. */
function inPlaywrightCache() {
  const caches = [
    process.env.PLAYWRIGHT_BROWSERS_PATH,
    join(homedir(), '.cache/ms-playwright'),
    join(homedir(), 'Library/Caches/ms-playwright'),
  ];
  for (const cache of caches) {
    if (!cache || !existsSync(cache)) continue;
    const revisions = readdirSync(cache).filter((name) => /^chromium-\d+$/.test(name));
    revisions.sort((a, b) => Number(b.slice(9)) - Number(a.slice(9)));
    for (const revision of revisions) {
      const found = [...insideCache, ...macCache]
        .map((tail) => join(cache, revision, tail))
        .find(isExecutable);
      if (found) return found;
    }
  }
  return undefined;
}

/** The path of a Chromium on this machine, or undefined. `CHROMIUM_PATH` wins over everything. */
export function findChromium() {
  const asked = process.env.CHROMIUM_PATH;
  if (asked) return isExecutable(asked) ? asked : undefined;
  for (const name of names) {
    const found = onPath(name);
    if (found) return found;
  }
  return inPlaywrightCache();
}

/** What Playwright launches the browser with. */
export function launchOptions(...args) {
  const executablePath = findChromium();
  return { args: [...chromiumArgs, ...args], ...(executablePath && { executablePath }) };
}

function run(command, args, options = {}) {
  // stdin stays closed: nothing here may wait for an answer. stdout of installers goes to stderr.
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  return done.status === 0;
}

/** The command that puts `apt-get` in an administrator's hands, or null where that is not possible. */
function administrator() {
  if (!onPath('apt-get')) return null;
  if (process.getuid?.() === 0) return [];
  return onPath('sudo') && run('sudo', ['-n', 'true'], { stdio: 'ignore' }) ? ['sudo', '-n'] : null;
}

/** Finds Chromium, or installs one: the system's package where we may, else Playwright's download. */
export function readyChromium() {
  if (process.env.CHROMIUM_PATH && !findChromium()) {
    throw new Error(
      `Cannot start a browser: expected CHROMIUM_PATH to name an executable, received ${process.env.CHROMIUM_PATH}; mend or unset it`,
    );
  }
  const found = findChromium();
  if (found) return found;
  const sudo = administrator();
  if (sudo) {
    console.error('Chromium is missing: installing it with apt-get');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const apt = (...args) => {
      const [command, ...rest] = [...sudo, 'apt-get', ...args];
      return run(command, rest, { env });
    };
    apt('update') && apt('install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core');
  }
  if (!findChromium()) {
    console.error("Chromium is missing: downloading Playwright's");
    run(process.execPath, [join(root, 'node_modules/playwright/cli.js'), 'install', 'chromium']);
  }
  const installed = findChromium();
  if (installed) return installed;
  throw new Error(
    'Cannot start a browser: expected Chromium, received none; install Chromium and set CHROMIUM_PATH to its executable',
  );
}

/** True when every package that the lockfile asks of any machine is installed in its version. */
export function hasPackages(folder = root) {
  const read = (path) => JSON.parse(readFileSync(join(folder, path), 'utf8')).packages;
  const installedPath = 'node_modules/.package-lock.json';
  if (!existsSync(join(folder, installedPath))) return false;
  const installed = read(installedPath);
  return Object.entries(read('package-lock.json')).every(
    ([path, { version, optional, peer }]) =>
      path === '' || optional || peer || installed[path]?.version === version,
  );
}

/** Installs node_modules when they are missing or not those of the lockfile. */
export function readyPackages() {
  if (hasPackages()) return;
  console.error('Installing packages with npm ci');
  // npm sets npm_execpath for the scripts it runs, which also holds where `npm` is not on the PATH.
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund'];
  const done = npm ? run(process.execPath, [npm, ...args]) : run('npm', args);
  if (!done) {
    throw new Error(
      'Cannot install packages: expected npm ci to finish, received an error (printed above); mend it and run the command again',
    );
  }
}
