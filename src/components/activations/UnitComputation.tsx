import { useMemo, useState } from 'react';
import type { InspectedImages } from '../../lab/images/imageInspection.ts';
import { formatCount, formatSigned } from '../shared/format.ts';
import { LiveText } from '../shared/LiveText.tsx';
import { symmetricScale } from '../shared/mapFrame.ts';
import { NumberTable } from '../shared/NumberTable.tsx';
import { CHANNEL_NAMES } from '../shared/pictureShape.ts';
import styles from './UnitComputation.module.css';
import {
  type LinearSum,
  type LogProbability,
  type PoolMaximum,
  type Unit,
  type UnitSum,
  unitSum,
  type WindowSum,
} from './unitSum.ts';

const GRAY = { low: 0, high: 1 };

/** How one activation is computed: its window, maximum or contributions, and the layers that pass it on. */
export function UnitComputation({ inspected, unit }: { inspected: InspectedImages; unit: Unit }) {
  const [channel, setChannel] = useState<{ layer: string; channel: number }>();
  const asked = channel?.layer === unit.layer ? channel.channel : undefined;
  const found = useMemo(() => unitSum(inspected, unit, asked), [inspected, unit, asked]);
  if (!found) return null;
  const name = inspected.images.find(({ id }) => id === unit.image)?.name;
  return (
    <section className={styles.sum} aria-label="How this activation is computed">
      <p className={styles.title}>
        <strong>
          {unit.layer}, {placeOf(inspected, unit)}
        </strong>{' '}
        of {name}
      </p>
      {found.kind === 'conv' && (
        <Windowed
          found={found}
          isImage={found.source === 'input' && found.channels.length === 1}
          onChannel={(next) => setChannel({ layer: unit.layer, channel: next })}
        />
      )}
      {found.kind === 'maxPool' && <Pooled found={found} />}
      {found.kind === 'linear' && <Contributions found={found} />}
      {found.kind === 'logSoftmax' && <Normalized found={found} />}
    </section>
  );
}

function placeOf({ inspection }: InspectedImages, { layer, map, row, column }: Unit): string {
  const isMaps = inspection.layers[layer]?.shape.length === 4;
  return isMaps ? `filter ${map}, row ${row}, column ${column}` : `unit ${map}`;
}

/** The value at the layer that computes the sum, then at the layers that pass it on. */
function Results({ activations, first }: { activations: UnitSum['activations']; first: number }) {
  return activations.map(({ layer, kind, value }, i) => (
    <div key={layer} className={styles.total}>
      <dt>{i === 0 ? `= ${layer}` : kind === 'relu' ? `${layer}: max(0, ·)` : `${layer}: the same`}</dt>
      <dd>
        <LiveText text={formatSigned(i === 0 ? first : value)} digits={8} />
      </dd>
    </div>
  ));
}

interface WindowedProps {
  found: WindowSum & Pick<UnitSum, 'activations'>;
  /** Whether the window lies on a gray image. */
  isImage: boolean;
  onChannel: (channel: number) => void;
}

function Windowed({ found, isImage, onChannel }: WindowedProps) {
  const { side, source, channels, channel, window, weights, products, bias, sum, activations } = found;
  const many = channels.length > 1;
  const own = many ? `${source}, ${channelName(source, channel, channels.length)}` : 'image';
  const scale = symmetricScale(weights);
  return (
    <div className={styles.factors}>
      {many && <Channels channels={channels} shown={channel} onShow={onChannel} />}
      <NumberTable
        caption={`${own}, ${side} × ${side}`}
        values={window}
        columns={side}
        colors={isImage ? 'gray' : 'sign'}
        scale={isImage ? GRAY : symmetricScale(window)}
      />
      <span className={styles.operator}>×</span>
      <NumberTable caption="filter" values={weights} columns={side} colors="sign" scale={scale} />
      <span className={styles.operator}>=</span>
      <NumberTable
        caption="products"
        values={products}
        columns={side}
        colors="sign"
        scale={isImage ? scale : symmetricScale(products)}
      />
      <dl className={styles.result}>
        <div>
          <dt>{many ? `sum over all ${channels.length} channels` : 'sum of products'}</dt>
          <dd>
            <LiveText text={formatSigned(sum - bias)} digits={8} />
          </dd>
        </div>
        <div>
          <dt>+ bias</dt>
          <dd>
            <LiveText text={formatSigned(bias)} digits={8} />
          </dd>
        </div>
        <Results activations={activations} first={sum} />
      </dl>
    </div>
  );
}

interface ChannelsProps {
  channels: Float64Array;
  shown: number;
  onShow: (channel: number) => void;
}

/** A color image's channels have names. */
function channelName(source: string, channel: number, count: number): string {
  return source === 'input' && count === 3 ? CHANNEL_NAMES[channel] : `channel ${channel}`;
}

/** Each channel's part of the sum, as bars to choose the window from. */
function Channels({ channels, shown, onShow }: ChannelsProps) {
  const { high } = symmetricScale(channels);
  return (
    <fieldset className={styles.channels}>
      <legend>Each channel’s sum of products; choose one to see its window</legend>
      {Array.from(channels, (sum, channel) => (
        <button
          // biome-ignore lint/suspicious/noArrayIndexKey: channels have no other name
          key={channel}
          type="button"
          className={styles.channel}
          aria-pressed={channel === shown}
          aria-label={`Channel ${channel}: ${formatSigned(sum)}`}
          title={`channel ${channel}: ${formatSigned(sum)}`}
          onClick={() => onShow(channel)}
        >
          <span
            className={`data-color ${sum < 0 ? styles.negative : styles.positive}`}
            style={{ transform: `scaleY(${sum / high})` }}
          />
        </button>
      ))}
    </fieldset>
  );
}

function Pooled({ found }: { found: PoolMaximum & Pick<UnitSum, 'activations'> }) {
  const { source, side, window, winner, activations } = found;
  return (
    <div className={styles.factors}>
      <NumberTable
        caption={`${source}, ${side} × ${side}; the winner is outlined`}
        values={window}
        columns={side}
        colors="sign"
        scale={symmetricScale(window)}
        marked={winner}
      />
      <dl className={styles.result}>
        <div>
          <dt>
            largest, at row {Math.floor(winner / side)}, column {winner % side} of the window
          </dt>
          <dd>
            <LiveText text={formatSigned(window[winner])} digits={8} />
          </dd>
        </div>
        <Results activations={activations} first={window[winner]} />
      </dl>
    </div>
  );
}

function Contributions({ found }: { found: LinearSum & Pick<UnitSum, 'activations'> }) {
  const { source, largest, rest, bias, sum, activations } = found;
  return (
    <div className={styles.factors}>
      <table className={styles.contributions}>
        <caption>Largest contributions from {source}</caption>
        <thead>
          <tr>
            <th scope="col">input</th>
            <th scope="col">value</th>
            <th scope="col">× weight</th>
            <th scope="col">= product</th>
          </tr>
        </thead>
        <tbody>
          {largest.map(({ input, value, weight, product }) => (
            <tr key={input}>
              <th scope="row">{input}</th>
              <td>
                <LiveText text={formatSigned(value)} digits={8} />
              </td>
              <td>
                <LiveText text={formatSigned(weight)} digits={8} />
              </td>
              <td>
                <LiveText text={formatSigned(product)} digits={8} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <dl className={styles.result}>
        <div>
          <dt>sum of these {largest.length}</dt>
          <dd>
            <LiveText text={formatSigned(sum - bias - rest.sum)} digits={8} />
          </dd>
        </div>
        {rest.count > 0 && (
          <div>
            <dt>+ the other {formatCount(rest.count)} inputs</dt>
            <dd>
              <LiveText text={formatSigned(rest.sum)} digits={8} />
            </dd>
          </div>
        )}
        <div>
          <dt>+ bias</dt>
          <dd>
            <LiveText text={formatSigned(bias)} digits={8} />
          </dd>
        </div>
        <Results activations={activations} first={sum} />
      </dl>
    </div>
  );
}

function Normalized({ found }: { found: LogProbability & Pick<UnitSum, 'activations'> }) {
  const { source, logit, logSum, activations } = found;
  return (
    <dl className={styles.result}>
      <div>
        <dt>{source}</dt>
        <dd>
          <LiveText text={formatSigned(logit)} digits={8} />
        </dd>
      </div>
      <div>
        <dt>− log of the sum of all exponentials</dt>
        <dd>
          <LiveText text={formatSigned(-logSum)} digits={8} />
        </dd>
      </div>
      <Results activations={activations} first={logit - logSum} />
    </dl>
  );
}
