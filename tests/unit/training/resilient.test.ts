import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeviceLostError, type Engine, ShaderError } from '../../../src/ml/engines/engine.ts';
import { ResilientEngine } from '../../../src/ml/training/resilient.ts';
import { TrainingRun } from '../../../src/ml/training/run.ts';
import { tinyEngine, tinySet } from './tiny.ts';

const train = tinySet(64);
const test = tinySet(10);
let real: Engine;

beforeAll(async () => {
  real = await tinyEngine(train);
});
afterAll(() => real.dispose());

/** The real engine on a device that dies, losing its weights, before a `train` call whenever `dies` returns true. */
function mortal(dies: () => boolean): Engine {
  let dead = false;
  const guarded =
    <Given extends unknown[], Result>(work: (...given: Given) => Promise<Result>) =>
    async (...given: Given) => {
      if (dead) throw new DeviceLostError('device', 'expected a live GPU device, found it lost');
      return work(...given);
    };
  return {
    id: real.id,
    network: real.network,
    optimizer: real.optimizer,
    description: real.description,
    arithmetic: real.arithmetic,
    load: guarded((state) => real.load(state)),
    state: guarded(() => real.state()),
    parameters: guarded((names) => real.parameters(names)),
    setData: guarded(async () => undefined),
    train: guarded(async (steps) => {
      if (dies()) {
        dead = true;
        const { 'conv.bias': bias, ...others } = await real.parameters();
        await real.load({ parameters: { 'conv.bias': bias.fill(9), ...others } });
        throw new DeviceLostError('device', 'expected a live GPU device, found it lost');
      }
      return real.train(steps);
    }),
    forward: guarded((images, layer) => real.forward(images, layer)),
    inputGradient: guarded((images, layer, objective) => real.inputGradient(images, layer, objective)),
    dispose: async () => undefined,
  };
}

async function trained(engine: Engine) {
  const run = new TrainingRun(engine, train, test, { batchSize: 8, learningRate: 1e-2 });
  await run.reset(3);
  const { losses } = await run.train({ epochs: 3 }, { next: () => 2 });
  return { losses, state: await engine.state() };
}

describe('ResilientEngine', () => {
  it('ends with the bit-identical state of an undisturbed run, whenever the device is lost', async () => {
    const undisturbed = await trained(real);
    for (let lossAt = 1; lossAt <= 12; lossAt++) {
      let call = 0;
      let made = 0;
      const engine = await ResilientEngine.create({
        create: async () => {
          made++;
          return mortal(() => ++call === lossAt);
        },
        fallback: () => Promise.reject(new Error('no fallback wanted')),
        onDeviceLoss: () => undefined,
        checkpointEvery: 5,
      });
      await engine.setData(train.images, train.labels);
      expect(await trained(engine)).toEqual(undisturbed);
      expect(made).toBe(2);
    }
  });

  it('uses the fallback at once if the browser does not compile a program, and says why', async () => {
    const undisturbed = await trained(real);
    const reason = new ShaderError('webgpu: expected a browser that compiles the program forward');
    const reasons: Error[] = [];
    let made = 0;
    const engine = await ResilientEngine.create({
      create: async () => {
        made++;
        return { ...mortal(() => false), train: () => Promise.reject(reason) };
      },
      fallback: async () => mortal(() => false),
      onDeviceLoss: (loss) => reasons.push(loss.reason),
    });
    await engine.setData(train.images, train.labels);
    expect(await trained(engine)).toEqual(undisturbed);
    expect(made).toBe(1);
    expect(reasons).toEqual([reason]);
  });

  it('uses the fallback if there is no device, and reports the number of repeated steps', async () => {
    const undisturbed = await trained(real);
    let call = 0;
    let made = 0;
    const replayed: number[] = [];
    const engine = await ResilientEngine.create({
      create: async () => {
        if (made++ > 0) throw new Error('acquireDevice: no adapter');
        return mortal(() => ++call === 4);
      },
      fallback: async () => mortal(() => false),
      onDeviceLoss: ({ replayedSteps }) => replayed.push(replayedSteps),
      checkpointEvery: 5,
    });
    await engine.setData(train.images, train.labels);
    expect(await trained(engine)).toEqual(undisturbed);
    expect(replayed).toEqual([0]);
  });

  it('gives up on a device that is lost again and again, instead of trying forever', async () => {
    const engine = await ResilientEngine.create({
      create: async () => mortal(() => true),
      fallback: () => Promise.reject(new Error('none')),
      onDeviceLoss: () => undefined,
    });
    await expect(trained(engine)).rejects.toThrow(DeviceLostError);
  });
});
