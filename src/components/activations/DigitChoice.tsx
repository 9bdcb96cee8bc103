import { useId } from 'react';
import type { DigitOrigin } from '../../lab/images/labImage.ts';
import { DIGIT_SHAPE } from '../../ml/data/dataset.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { pixelsUrl } from '../shared/pixelsUrl.ts';
import styles from './PictureSteps.module.css';

/** Says that the picture shows several digits, and lets a person choose one. */
export function DigitChoice({ origin: { reading, digit } }: { origin: DigitOrigin }) {
  const { images } = useLabHandle();
  const name = useId();
  const count = reading.digits.length;
  return (
    <fieldset className={styles.choice}>
      <legend>
        <strong>{count} digits are in this picture.</strong> The network looks at one:
      </legend>
      <div className={styles.digits}>
        {reading.digits.map(({ box, pixels }, i) => (
          <label key={`${box.left} ${box.top}`} className={styles.digit}>
            <input
              type="radio"
              name={name}
              aria-label={`Digit ${i + 1} of ${count}`}
              checked={i === digit}
              onChange={() => images.chooseDigit(i)}
            />
            <img src={pixelsUrl(pixels, DIGIT_SHAPE.input)} alt="" />
          </label>
        ))}
      </div>
    </fieldset>
  );
}
