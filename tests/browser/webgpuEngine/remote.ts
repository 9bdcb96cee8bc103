import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from '@playwright/test';
import { build } from 'vite';
import { findChromium } from '../../../scripts/findChromium.mjs';
import type {
  Engine,
  InputGradient,
  Objective,
  Pixels,
  TrainingStep,
} from '../../../src/ml/engines/engine.ts';
import type { NetworkDescription } from '../../../src/ml/model/network.ts';
import { ADAM, type OptimizerDescription } from '../../../src/ml/model/optimizer.ts';
import type { NetworkState } from '../../../src/ml/model/parameters.ts';
import { type Site, serveSite } from '../../page/site.ts';
import type {} from './host.ts';

/** The WebGPU engine in Chromium, on its software adapter, for tests in Node. */
export class WebGpuInChromium {
  readonly #site: Site;
  readonly #browser: Browser;
  readonly #page: Page;

  private constructor(site: Site, browser: Browser, page: Page) {
    this.#site = site;
    this.#browser = browser;
    this.#page = page;
  }

  /** @param name of the folder of the page's build, which no other test uses. */
  static async open(name: string): Promise<WebGpuInChromium> {
    const output = fileURLToPath(new URL(`../../../test-results/${name}`, import.meta.url));
    await build({
      configFile: false,
      root: fileURLToPath(new URL('.', import.meta.url)),
      base: './',
      logLevel: 'error',
      build: { outDir: output, emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 3000 },
    });
    const site = await serveSite({ root: output });
    const browser = await chromium.launch({
      executablePath: findChromium(),
      args: ['--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
    });
    const page = await browser.newPage();
    await page.goto(site.url);
    await page.waitForFunction(() => window.webgpuHost !== undefined);
    return new WebGpuInChromium(site, browser, page);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#site.close();
  }

  async createFused(network: NetworkDescription, tuning: 'hardware' | 'software'): Promise<Engine> {
    const number = await this.#page.evaluate(([sent, cut]) => window.webgpuHost.create(sent, cut), [
      network,
      tuning,
    ] as const);
    return new RemoteEngine(this.#page, number, network);
  }

  async createLayered(network: NetworkDescription, optimizer?: OptimizerDescription): Promise<Engine> {
    const number = await this.#page.evaluate(([sent, by]) => window.webgpuHost.createLayered(sent, by), [
      network,
      optimizer,
    ] as const);
    return new RemoteEngine(this.#page, number, network, optimizer);
  }
}

/** An engine that lives in the page. */
class RemoteEngine implements Engine {
  readonly id = 'webgpu';
  readonly description = 'WebGPU in Chromium';
  readonly arithmetic = 'WebGPU in Chromium';

  constructor(
    private readonly page: Page,
    private readonly number: number,
    readonly network: NetworkDescription,
    readonly optimizer: OptimizerDescription = ADAM,
  ) {}

  load(state: NetworkState) {
    return this.page.evaluate(([id, sent]) => window.webgpuHost.load(id, sent), [
      this.number,
      state,
    ] as const);
  }

  state() {
    return this.page.evaluate((id) => window.webgpuHost.state(id), this.number);
  }

  parameters(names?: string[]) {
    return this.page.evaluate(([id, sent]) => window.webgpuHost.parameters(id, sent && [...sent]), [
      this.number,
      names,
    ] as const);
  }

  setData(images: Uint8Array, labels: Uint8Array) {
    return this.page.evaluate(([id, x, y]) => window.webgpuHost.setData(id, x, y), [
      this.number,
      images,
      labels,
    ] as const);
  }

  train(steps: TrainingStep[]) {
    return this.page.evaluate(([id, sent]) => window.webgpuHost.train(id, [...sent]), [
      this.number,
      steps,
    ] as const);
  }

  forward(images: Pixels, layer: string) {
    return this.page.evaluate(([id, x, at]) => window.webgpuHost.forward(id, x, at), [
      this.number,
      images,
      layer,
    ] as const);
  }

  async inputGradient(
    images: Pixels,
    layer: string,
    objective: Objective,
    { activations = false }: { activations?: boolean } = {},
  ): Promise<InputGradient> {
    if (objective.kind === 'callback') {
      const given = objective.evaluate(await this.forward(images, layer));
      return this.page.evaluate(([id, x, at, sent]) => window.webgpuHost.callbackGradient(id, x, at, sent), [
        this.number,
        images,
        layer,
        given,
      ] as const);
    }
    return this.page.evaluate(
      ([id, x, at, sent, wanted]) => window.webgpuHost.inputGradient(id, x, at, sent, wanted),
      [this.number, images, layer, objective, activations] as const,
    );
  }

  dispose() {
    return this.page.evaluate((id) => window.webgpuHost.dispose(id), this.number);
  }
}
