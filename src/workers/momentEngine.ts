import { CallError } from '../ml/callError.ts';
import type { Engine } from '../ml/engines/engine.ts';
import type { NetworkDescription } from '../ml/model/network.ts';
import type { KnownMoment } from './protocol.ts';
import { UNKNOWN_MOMENT } from './unknownMoment.ts';

/** A worker's own engine, loaded with the parameters of the moment in the last question. */
export class MomentEngine {
  readonly #create: (network: NetworkDescription) => Promise<Engine>;
  #engine?: Engine;
  #loadedKey?: string;

  constructor(create: (network: NetworkDescription) => Promise<Engine>) {
    this.#create = create;
  }

  /**
   * The engine with the moment's parameters loaded.
   * @throws an error named `UNKNOWN_MOMENT` if the parameters are neither given nor already loaded.
   */
  async at({ key, network, parameters }: KnownMoment): Promise<Engine> {
    if (this.#engine && JSON.stringify(this.#engine.network) !== JSON.stringify(network)) {
      await this.#engine.dispose();
      this.#engine = undefined;
    }
    if (!this.#engine) {
      this.#engine = await this.#create(network);
      this.#loadedKey = undefined;
    }
    if (this.#loadedKey !== key) {
      if (!parameters) {
        const error = new CallError(
          'inspector',
          `expected the parameters of ${key}, found those of ${this.#loadedKey}`,
        );
        error.name = UNKNOWN_MOMENT;
        throw error;
      }
      await this.#engine.load({ parameters });
      this.#loadedKey = key;
    }
    return this.#engine;
  }
}
