import { useState } from 'react';
import type { OwnMetamer } from '../../lab/compare/secondState.ts';
import type { Classification } from '../../ml/metamers/activations.ts';
import type { Judgement } from '../../ml/metamers/judge.ts';
import type { MetamerAnswer } from '../../workers/protocol.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { Button } from '../shared/Button.tsx';
import { FileButton } from '../shared/FileButton.tsx';
import { formatCount, formatShare, formatValue } from '../shared/format.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { PixelCanvas } from '../shared/PixelCanvas.tsx';
import { ProbabilityColumns } from '../shared/ProbabilityColumns.tsx';
import { ProgressBar } from '../shared/ProgressBar.tsx';
import { SeedField } from '../shared/SeedField.tsx';
import { Select } from '../shared/Select.tsx';
import { NumberField } from '../shared/TextField.tsx';
import { MatchTable } from './MatchTable.tsx';
import styles from './MetamersPanel.module.css';
import { PICTURE_SCALE, PICTURE_SIZE } from './picture.ts';

/** How a second network judges the metamers of the first. */
export function AcrossModels({ classNames }: { classNames: readonly string[] }) {
  const { metamers, secondNetwork } = useLabHandle();
  const { name, remark, judging, problem, judgements, own } = useStore(secondNetwork.store);
  const rows = useStore(metamers.store, (state) => state.rows);
  const step = useStore(metamers.store, (state) => state.made?.step ?? 0);
  return (
    <section className={styles.across} aria-label="Across models">
      <h3>Judged by another network</h3>
      <p className={styles.muted}>
        These metamers stay when the page’s network changes. As the second network, train one here, use the
        network currently shown (after more training, after a reset, or at another moment of the timeline),
        open a file, or use the compared run (chosen in the list of runs).
      </p>
      <TrainAnother />
      <SecondNetworkChoice />
      {problem && <ErrorNotice message={problem} />}
      {name !== undefined && (
        <p data-testid="second-network">
          Second network: {name}
          {judging && '; judging…'}
          {remark && ` ${remark}`}
        </p>
      )}
      {name !== undefined && <MakeItsOwn />}
      <ul className={styles.rows}>
        {rows.map(({ layer, answer }) => {
          const judgement = judgements[layer];
          return (
            judgement && (
              <li key={layer} data-across={layer}>
                <SecondOpinion layer={layer} judgement={judgement} classNames={classNames} />
                {answer && own[layer] && (
                  <SideBySide layer={layer} step={step} name={name ?? ''} first={answer} own={own[layer]} />
                )}
              </li>
            )
          );
        })}
      </ul>
    </section>
  );
}

/** The existing networks that can become the second network. */
function SecondNetworkChoice() {
  const { secondNetwork, comparison } = useLabHandle();
  const name = useStore(secondNetwork.store, (state) => state.name);
  const judging = useStore(secondNetwork.store, (state) => state.judging);
  const compared = useStore(comparison.store, (state) => state.compared?.name);
  return (
    <div className={styles.run}>
      {compared !== undefined && (
        <Button disabled={judging} onClick={() => void secondNetwork.takeCompared()}>
          Use “{compared}”, the compared run
        </Button>
      )}
      <Button disabled={judging} onClick={() => void secondNetwork.takeShown()}>
        Use the network shown now
      </Button>
      <FileButton
        name="Second network, a file of parameters"
        disabled={judging}
        onFiles={([file]) => void secondNetwork.takeFile(file)}
      >
        Open a file of parameters
      </FileButton>
      {name !== undefined && (
        <Button variant="quiet" onClick={secondNetwork.dismiss}>
          Dismiss
        </Button>
      )}
    </div>
  );
}

/** Makes metamers of the second network with the same reference and settings. */
function MakeItsOwn() {
  const { metamers, secondNetwork } = useLabHandle();
  const { making, own } = useStore(secondNetwork.store);
  const rows = useStore(metamers.store, (state) => state.rows);
  const lacking = rows.some(({ layer, answer }) => answer && !own[layer]);
  if (making) {
    const { layer, iteration, iterations } = making;
    return (
      <div className={styles.run}>
        <ProgressBar
          label={`Making its ${layer} metamer`}
          value={iteration}
          total={iterations}
          text={`${formatCount(iteration)} of ${formatCount(iterations)} iterations`}
        />
        <Button onClick={secondNetwork.cancelOwn}>Cancel</Button>
      </div>
    );
  }
  return (
    lacking && (
      <div className={styles.run}>
        <Button onClick={() => void secondNetwork.makeOwn()}>
          Make its own metamers, with the same settings
        </Button>
      </div>
    )
  );
}

interface SideBySideProps {
  layer: string;
  /** Step of the first network. */
  step: number;
  /** Name of the second network. */
  name: string;
  first: MetamerAnswer;
  own: OwnMetamer;
}

/** Both networks' metamers of the same reference, each judged by its own network. */
function SideBySide({ layer, step, name, first, own }: SideBySideProps) {
  const both = [
    {
      whose: `First network, at step ${formatCount(step)}`,
      image: first.last.images,
      loss: first.last.losses[0],
      judgement: first.judgements[0],
    },
    { whose: `Second network, ${name}`, image: own.image, loss: own.loss, judgement: own.judgement },
  ];
  return (
    <div className={styles.pairOfNetworks}>
      {both.map(({ whose, image, loss, judgement }) => (
        <figure key={whose} className={styles.picture}>
          <PixelCanvas
            label={`The ${layer} metamer of: ${whose}`}
            pixels={image}
            colors="gray"
            scale={PICTURE_SCALE}
            size={PICTURE_SIZE}
          />
          <figcaption>
            <strong>{whose}</strong>
            <br />
            {judgement.isMetamer ? `a metamer at ${layer}` : 'not a metamer'}; loss {formatValue(loss)}, pixel
            correlation {judgement.pixelCorrelation.toFixed(3)}
          </figcaption>
        </figure>
      ))}
    </div>
  );
}

const kinds = [
  { value: 'plain', label: 'Plain images' },
  { value: 'attacked', label: 'Attacked, PGD, ε = 0.1' },
] as const;

/** Trains another network from another seed, beside the run. */
function TrainAnother() {
  const { secondNetwork } = useLabHandle();
  const training = useStore(secondNetwork.store, (state) => state.training);
  const [seed, setSeed] = useState(112);
  const [epochs, setEpochs] = useState(1);
  const [kind, setKind] = useState<(typeof kinds)[number]['value']>('plain');
  return (
    <>
      <div className={styles.another}>
        <SeedField label="Its seed" value={seed} onCommit={setSeed} />
        <NumberField
          label="Its epochs"
          value={epochs}
          minimum={1}
          maximum={100}
          integer
          onCommit={setEpochs}
        />
        <Select label="It trains on" value={kind} options={kinds} onChange={setKind} />
        <Button
          disabled={training !== undefined}
          onClick={() => void secondNetwork.train({ seed, epochs, attacked: kind === 'attacked' })}
        >
          Train another
        </Button>
        {training && <Button onClick={secondNetwork.cancelTraining}>Cancel training</Button>}
      </div>
      {training && (
        <ProgressBar
          label="Training the second network"
          value={training.done}
          total={training.count}
          text={`${formatCount(training.done)} of ${formatCount(training.count)} steps`}
        />
      )}
    </>
  );
}

interface SecondOpinionProps {
  layer: string;
  judgement: Judgement;
  classNames: readonly string[];
}

function SecondOpinion({ layer, judgement, classNames }: SecondOpinionProps) {
  const { isMetamer, failures, reference, metamer, layers } = judgement;
  const read = ({ prediction, probabilities }: Classification) =>
    `${classNames[prediction]} with ${formatShare(probabilities[prediction])}`;
  return (
    <div className={styles.opinion}>
      <ProbabilityColumns probabilities={metamer.probabilities} classNames={classNames} />
      <div className={styles.facts}>
        <p>
          The {layer} metamer is read as {read(metamer)}, the reference as {read(reference)}.{' '}
          {isMetamer ? (
            <span className={styles.yes}>A metamer at {layer} for the second network too.</span>
          ) : (
            <>
              <span className={styles.no}>Not a metamer for the second network:</span> {failures.join('; ')}.
            </>
          )}
        </p>
        <details className={styles.matches}>
          <summary>Match at each layer of the second network</summary>
          <MatchTable layers={layers} pairs={judgement.nulls?.pairs} />
        </details>
      </div>
    </div>
  );
}
