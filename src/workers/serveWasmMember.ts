import { createMember, type MemberCalls } from '../ml/engines/wasm/member.ts';
import { type Endpoint, serve, Transferred } from './rpc.ts';

/** A member of the wasm engine's pool, which trains its share of the network's channels. Results are transferred. */
export function serveWasmMember(endpoint: Endpoint): void {
  const member = createMember();
  serve<MemberCalls, never>(endpoint, {
    ...member,
    async train(batches) {
      const result = await member.train(batches);
      return new Transferred(result, [result.buffer]);
    },
    async forward(parameters) {
      const activations = await member.forward(parameters);
      return new Transferred(activations, [activations.buffer]);
    },
    async inputGradient(parameters) {
      const result = await member.inputGradient(parameters);
      return new Transferred(result, [result.values.buffer, result.gradient.buffer]);
    },
  });
}
