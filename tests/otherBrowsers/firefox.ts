import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DrivenBrowser } from './driven.ts';
import { findProgram, stopGroup, until } from './programs.ts';
import { overWebDriver } from './webDriver.ts';

export const findFirefox = () => findProgram(process.env.FIREFOX_PATH, ['firefox-esr', 'firefox']);

/** Settings of a new profile without questions and background requests, in which Marionette chooses its port. */
const PREFERENCES = {
  'marionette.port': 0,
  'app.update.disabledForTesting': true,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'browser.startup.page': 0,
  'browser.aboutwelcome.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'ui.prefersReducedMotion': 1,
  'layout.css.prefers-color-scheme.content-override': 1,
};

/** Starts Firefox without a window and drives it by Marionette, Firefox's form of WebDriver. */
export async function startFirefox(): Promise<DrivenBrowser> {
  const program = findFirefox();
  if (!program) throw new Error('startFirefox: expected firefox or firefox-esr, found neither');
  const profile = mkdtempSync(join(tmpdir(), 'untangle-firefox-'));
  const lines = Object.entries(PREFERENCES).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  );
  writeFileSync(join(profile, 'user.js'), lines.join(''));
  const parameters = ['--headless', '--no-remote', '--marionette', '--profile', profile];
  const env = { ...process.env, MOZ_REMOTE_ALLOW_SYSTEM_ACCESS: '1', HOME: profile };
  const child = spawn(program, [...parameters, '--remote-allow-system-access'], {
    stdio: 'ignore',
    detached: true,
    env,
  });
  const close = async () => {
    await stopGroup(child);
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const portFile = join(profile, 'MarionetteActivePort');
    await until(() => existsSync(portFile) && readFileSync(portFile, 'utf8') !== '', 'the port of Firefox');
    const marionette = await Marionette.open(Number(readFileSync(portFile, 'utf8')));
    await marionette.send('WebDriver:NewSession', {});
    return await overWebDriver({
      name: 'firefox',
      async send(command, parameters = {}) {
        const answer = await marionette.send(`WebDriver:${command}`, parameters);
        return answer && typeof answer === 'object' && 'value' in answer ? answer.value : answer;
      },
      errors: () => errorsOf(marionette),
      close,
    });
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Firefox reports a response of the service worker as failed when the document that asked for it is left. A response that
 * fails for another reason has another message, or is an error of the page.
 */
const LEFT =
  /^Failed to load ‘.*’\. A ServiceWorker intercepted the request and encountered an unexpected error\./;

/** The browser console's messages about the page and its workers. */
async function errorsOf(marionette: Marionette): Promise<string[]> {
  await marionette.send('Marionette:SetContext', { value: 'chrome' });
  try {
    const script = `
      const { ConsoleAPIStorage } = { ConsoleAPIStorage: Cc['@mozilla.org/consoleAPI-storage;1'].getService(Ci.nsIConsoleAPIStorage) };
      const errors = Services.console.getMessageArray()
        .filter((message) => message instanceof Ci.nsIScriptError && !(message.flags & Ci.nsIScriptError.warningFlag))
        .filter(({ sourceName }) => /^http/.test(sourceName))
        .map(({ errorMessage, sourceName, lineNumber }) => errorMessage + ' (' + sourceName + ':' + lineNumber + ')');
      const logged = ConsoleAPIStorage.getEvents()
        .filter(({ level, filename }) => level === 'error' && /^http/.test(filename))
        .map((event) => event.arguments.map(String).join(' '));
      Services.console.reset();
      ConsoleAPIStorage.clearEvents();
      return [...errors, ...logged];`;
    const answer = await marionette.send('WebDriver:ExecuteScript', { script, args: [] });
    const value = answer && typeof answer === 'object' ? Reflect.get(answer, 'value') : undefined;
    const errors = Array.isArray(value) ? value.map(String) : [];
    return errors.filter((error) => !LEFT.test(error));
  } finally {
    await marionette.send('Marionette:SetContext', { value: 'content' });
  }
}

/** Firefox's protocol: JSON over TCP, each message preceded by its length in bytes and a colon. */
class Marionette {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #received: Buffer = Buffer.alloc(0);
  #lastId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (data) => {
      this.#received = Buffer.concat([this.#received, Buffer.from(data)]);
      this.#read();
    });
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('Firefox closed the connection'));
    });
    socket.on('error', () => undefined);
  }

  static async open(port: number): Promise<Marionette> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Marionette(socket);
  }

  send(name: string, parameters: Record<string, unknown>): Promise<unknown> {
    const id = ++this.#lastId;
    const message = JSON.stringify([0, id, name, parameters]);
    this.#socket.write(`${Buffer.byteLength(message)}:${message}`);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #read(): void {
    for (;;) {
      const colon = this.#received.indexOf(':');
      if (colon < 0) return;
      const end = colon + 1 + Number(this.#received.subarray(0, colon));
      if (this.#received.length < end) return;
      const message = JSON.parse(this.#received.subarray(colon + 1, end).toString());
      this.#received = this.#received.subarray(end);
      // The first message is a greeting.
      if (!Array.isArray(message)) continue;
      const [, id, error, result] = message;
      const call = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) call?.reject(new Error(`Firefox: ${error.error}: ${error.message}`));
      else call?.resolve(result);
    }
  }
}
