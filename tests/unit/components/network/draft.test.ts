import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Draft,
  draftOf,
  type EditedKind,
  layerToFollow,
  newLayer,
  readDraft,
  withChanged,
  withInserted,
  withMoved,
  withoutLayer,
} from '../../../../src/components/network/draft.ts';
import { networkFaults, parameterCount } from '../../../../src/ml/model/limits.ts';
import { layerShapes, notebookNetwork } from '../../../../src/ml/model/network.ts';
import { PRESETS, presetNetwork } from '../../../../src/ml/model/presets.ts';
import { networkText } from '../../../../src/ml/model/text.ts';

const digits = { input: { channels: 1, height: 28, width: 28 }, classes: 10 };
const read = (draft: Draft) => readDraft(draft, digits);

describe('a draft', () => {
  test.each(PRESETS)('of $title is the same network again', ({ id }) => {
    const network = presetNetwork(id);
    const { network: found, fits, rows } = read(draftOf(network));
    expect(found).toEqual(network);
    expect(fits).toBe(true);
    expect(rows.map(({ shape }) => shape)).toEqual(
      layerShapes(network)
        .slice(1)
        .map(({ shape }) => shape),
    );
    expect(rows.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(parameterCount(network));
  });

  test('counts the multiply-adds of an image', () => {
    const { rows } = read(draftOf(notebookNetwork()));
    // 32 filters of 9 weights at 26 x 26 places, then 10 outputs of 21,632 inputs.
    expect(rows.map(({ multiplyAdds }) => multiplyAdds)).toEqual([32 * 9 * 26 ** 2, 0, 0, 216_320, 0]);
  });

  test('becomes LeNet from the notebook, layer by layer', () => {
    let draft = draftOf(notebookNetwork());
    draft = withChanged(draft, 0, { kind: 'conv', filters: 6, kernelSize: 5, padding: 'same' });
    const add = (layer = layerToFollow(draft, draft.at(-1)?.id)) => {
      draft = withInserted(draft, draft.at(-1)?.id, layer).draft;
    };
    add();
    add({ kind: 'conv', filters: 16, kernelSize: 5 });
    add();
    add();
    add({ kind: 'linear', outputs: 120 });
    add();
    add({ kind: 'linear', outputs: 84 });
    add();
    expect(read(draft).network).toEqual(presetNetwork('lenet'));
  });

  test('names the fault at its layer, and has no shapes behind a layer that does not fit', () => {
    let draft = draftOf(presetNetwork('lenet'));
    draft = withChanged(draft, draft[5].id, { kind: 'maxPool', size: 11 });
    const { rows, fits, faults } = read(draft);
    expect(fits).toBe(false);
    expect(faults).toEqual([]);
    expect(rows[5]).toMatchObject({
      layer: { name: 'pool2' },
      shape: undefined,
      fault: 'expected an image of at least 11 pixels a side, found 10 x 10',
    });
    expect(rows.slice(6).every(({ shape, fault }) => shape === undefined && fault === undefined)).toBe(true);
  });

  test('shows a missing number as the layer’s fault', () => {
    const draft = withChanged(draftOf(notebookNetwork()), 0, {
      kind: 'conv',
      filters: Number.NaN,
      kernelSize: 3,
    });
    const [conv] = read(draft).rows;
    expect(conv.fault).toBe('expected filters to be a whole number from 1 to 128, found NaN');
    expect(conv.shape).toBeUndefined();
  });

  test('moves stop at the ends', () => {
    const draft = draftOf(presetNetwork('perceptron'));
    expect(withMoved(draft, draft[0].id, -1)).toBe(draft);
    expect(withMoved(draft, draft[3].id, 1)).toBe(draft);
    expect(networkText(read(withMoved(draft, draft[0].id, 1)).network)).toBe(
      'relu, fc 128, fc 64, relu, fc 10',
    );
  });

  const kind = fc.constantFrom<EditedKind>('conv', 'relu', 'maxPool', 'dropout', 'linear');
  const edit = fc.oneof(
    fc.record({ edit: fc.constant('insert' as const), at: fc.nat(20), kind }),
    fc.record({ edit: fc.constant('change' as const), at: fc.nat(20), kind }),
    fc.record({ edit: fc.constantFrom('remove' as const, 'up' as const, 'down' as const), at: fc.nat(20) }),
  );
  test('any edits keep ids apart, and the faults are those of the network', () => {
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 20 }), (edits) => {
        let draft = draftOf(notebookNetwork());
        for (const one of edits) {
          const id = draft[one.at % Math.max(1, draft.length)]?.id;
          if (one.edit === 'insert') draft = withInserted(draft, id, newLayer(one.kind)).draft;
          else if (id === undefined) continue;
          else if (one.edit === 'change') draft = withChanged(draft, id, newLayer(one.kind));
          else if (one.edit === 'remove') draft = withoutLayer(draft, id);
          else draft = withMoved(draft, id, one.edit === 'up' ? -1 : 1);
        }
        const { network, rows, faults, fits } = read(draft);
        const ids = rows.flatMap(({ id }) => id ?? []);
        expect(new Set(ids).size).toBe(draft.length);
        const known = networkFaults(network, 10);
        expect(fits).toBe(known.length === 0);
        const shown = rows.filter(({ fault }) => fault !== undefined).length + faults.length;
        expect(shown > 0).toBe(known.length > 0);
      }),
    );
  });
});
