import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

import { type Browser, chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';

/** Debian's, as CI installs it. */
export const HAS_CHROMIUM: boolean = existsSync(CHROMIUM);

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface Look {
  readonly colorScheme?: 'light' | 'dark';
  readonly width?: number;
}

/** A page in a real browser, and all that it complained of. */
export interface ShownPage {
  readonly page: Page;
  /** What the console was told, errors, and requests for anything but the page itself. */
  readonly complaints: string[];
  /** What axe finds against it. */
  readonly violations: () => Promise<readonly string[]>;
}

export class TestBrowser {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<TestBrowser> {
    return new TestBrowser(await chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false }));
  }

  async show(path: string, { colorScheme = 'light', width = 1_200 }: Look = {}): Promise<ShownPage> {
    const context = await this.#browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    const complaints: string[] = [];
    const url = pathToFileURL(path).href;
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => complaints.push(dialog.message()));
    page.on('request', (request) => {
      if (request.url() !== url) complaints.push(request.url());
    });
    await page.goto(url);
    // By the debugger: the page's own policy lets no other script in.
    const debug = await context.newCDPSession(page);
    const evaluate = (expression: string): Promise<{ readonly result: { readonly value?: unknown } }> =>
      debug.send('Runtime.evaluate', { expression, awaitPromise: true });
    return {
      page,
      complaints,
      async violations() {
        await evaluate(AXE);
        const found =
          'axe.run().then(({ violations }) => JSON.stringify(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + html))))';
        return JSON.parse(String((await evaluate(found)).result.value)) as readonly string[];
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}
