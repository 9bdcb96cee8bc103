import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from '@playwright/test';
import { build } from 'vite';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { findChromium } from '../../scripts/findChromium.mjs';
import type { Engine, InputGradient, Objective, Pixels, TrainingStep } from '../../src/ml/engines/engine.ts';
import type { NetworkDescription } from '../../src/ml/model/network.ts';
import { ADAM, type OptimizerDescription } from '../../src/ml/model/optimizer.ts';
import type { NetworkState } from '../../src/ml/model/parameters.ts';
import { type Site, serveSite } from '../browser/site.ts';
import type {} from '../browser/webgpuEngine/host.ts';
import {
  checkActivations,
  checkAttack,
  checkMetamers,
  deeperNames,
  deeperNetwork,
  followDeeper,
} from '../unit/engines/deeperGolden.ts';
import { deeperSuite } from '../unit/engines/deeperSuite.ts';
import { engineSuite, smallNetwork } from '../unit/engines/suite.ts';
import { record } from './record.ts';

/** The suite that every engine passes, on the WebGPU engine in Chromium's software adapter. */

const output = fileURLToPath(new URL('../../test-results/webgpuSuite', import.meta.url));
let site: Site;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  await build({
    configFile: false,
    root: fileURLToPath(new URL('../browser/webgpuEngine', import.meta.url)),
    base: './',
    logLevel: 'error',
    build: { outDir: output, emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 3000 },
  });
  site = await serveSite({ root: output });
  browser = await chromium.launch({
    executablePath: findChromium(),
    args: ['--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
  });
  page = await browser.newPage();
  await page.goto(site.url);
  await page.waitForFunction(() => window.webgpuHost !== undefined);
});
afterAll(async () => {
  await browser.close();
  await site.close();
});

/** An engine that lives in the page. */
class RemoteEngine implements Engine {
  readonly id = 'webgpu';
  readonly description = 'WebGPU in Chromium';
  readonly arithmetic = 'WebGPU in Chromium';

  constructor(
    readonly network: NetworkDescription,
    private readonly number: number,
    readonly optimizer: OptimizerDescription = ADAM,
  ) {}

  load(state: NetworkState) {
    return page.evaluate(([id, sent]) => window.webgpuHost.load(id, sent), [this.number, state] as const);
  }

  state() {
    return page.evaluate((id) => window.webgpuHost.state(id), this.number);
  }

  parameters(names?: string[]) {
    return page.evaluate(([id, sent]) => window.webgpuHost.parameters(id, sent && [...sent]), [
      this.number,
      names,
    ] as const);
  }

  setData(images: Uint8Array, labels: Uint8Array) {
    return page.evaluate(([id, x, y]) => window.webgpuHost.setData(id, x, y), [
      this.number,
      images,
      labels,
    ] as const);
  }

  train(steps: TrainingStep[]) {
    return page.evaluate(([id, sent]) => window.webgpuHost.train(id, [...sent]), [
      this.number,
      steps,
    ] as const);
  }

  forward(images: Pixels, layer: string) {
    return page.evaluate(([id, x, at]) => window.webgpuHost.forward(id, x, at), [
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
      return page.evaluate(([id, x, at, sent]) => window.webgpuHost.callbackGradient(id, x, at, sent), [
        this.number,
        images,
        layer,
        given,
      ] as const);
    }
    return page.evaluate(
      ([id, x, at, sent, wanted]) => window.webgpuHost.inputGradient(id, x, at, sent, wanted),
      [this.number, images, layer, objective, activations] as const,
    );
  }

  dispose() {
    return page.evaluate((id) => window.webgpuHost.dispose(id), this.number);
  }
}

for (const tuning of ['hardware', 'software'] as const) {
  const create = async (network: NetworkDescription) =>
    new RemoteEngine(
      network,
      await page.evaluate(([sent, cut]) => window.webgpuHost.create(sent, cut), [network, tuning] as const),
    );
  engineSuite(`webgpu, cut for ${tuning}`, create, {
    steps: 10,
    networks: [
      ['the notebook network, small', smallNetwork()],
      ['an even kernel', smallNetwork({ kernelSize: 4, filters: 9 })],
      ['a large kernel', smallNetwork({ kernelSize: 7, filters: 10, height: 12, width: 13 })],
    ],
  });
}

const createLayered = async (network: NetworkDescription, optimizer?: OptimizerDescription) =>
  new RemoteEngine(
    network,
    await page.evaluate(([sent, by]) => window.webgpuHost.createLayered(sent, by), [
      network,
      optimizer,
    ] as const),
    optimizer,
  );

engineSuite('webgpu, layered', createLayered, {
  steps: 1,
  networks: [['the notebook network, small', smallNetwork()]],
});
deeperSuite('webgpu', createLayered, { random: 6 });

describe.each(deeperNames)('webgpu on golden %s', (name) => {
  it.each(['adam', 'sgd'] as const)('follows %s', async (kind) => {
    const deviation = await followDeeper(createLayered, name, kind, name === 'pytorchExample' ? 3 : 10);
    record(`${name}, ${kind}, on webgpu: loss against float64`, 'at most 5e-6', deviation.toExponential(1));
  });

  it('has its activations, input gradients, metamers and attacks', async () => {
    const engine = await createLayered(deeperNetwork(name));
    await checkActivations(engine, name);
    await checkMetamers(engine, name, 3);
    await checkAttack(engine, name);
    await engine.dispose();
  });
});
