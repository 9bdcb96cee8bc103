import { useId } from 'react';
import {
  type ArticlePart,
  articleParts,
  GLOSSARY,
  REFERENCES,
  SECTIONS,
  TITLE,
} from '../../lessons/article.ts';
import type { Facts } from '../../lessons/facts.ts';
import { textParts } from '../../lessons/figures.ts';
import { LiveText } from '../shared/LiveText.tsx';
import styles from './Article.module.css';
import { LiveFigure } from './ArticleFigures.tsx';
import { useFacts } from './articleFacts.ts';

/** The article under the lab, whose figures are those of the page's run. */
export default function Article() {
  const facts = useFacts();
  return (
    <article className={styles.article} aria-labelledby="article-title">
      <h2 id="article-title">{TITLE}</h2>
      {SECTIONS.map(({ title, paragraphs, figure }) => (
        <section key={title}>
          <h3>{title}</h3>
          {paragraphs.map((paragraph) => (
            <p key={paragraph}>
              {articleParts(paragraph).map((part, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move
                <Part key={place} part={part} facts={facts} />
              ))}
            </p>
          ))}
          {figure && <LiveFigure kind={figure} facts={facts} />}
        </section>
      ))}
      <section>
        <h3>References</h3>
        <ol className={styles.references}>
          {REFERENCES.map(({ text, link }, place) => (
            <li key={link} id={`reference-${place + 1}`}>
              {text} <a href={link}>{link.replace('https://', '')}</a>
            </li>
          ))}
        </ol>
      </section>
    </article>
  );
}

function Part({ part, facts }: { part: ArticlePart; facts: Facts }) {
  switch (part.kind) {
    case 'words':
      return part.text;
    case 'figure':
      return textParts(part.text, facts).map((each) =>
        'words' in each ? (
          each.words
        ) : (
          <strong key={each.figure} title={each.value ? 'Of the run on this page' : 'Not measured yet'}>
            <LiveText text={each.value ?? '–'} flows />
          </strong>
        ),
      );
    case 'term':
      return <Term term={part.term} />;
    case 'reference':
      return (
        <span className={styles.reference}>
          {'['}
          {part.numbers.map((number, place) => (
            <span key={number}>
              {place > 0 && ', '}
              <a href={`#reference-${number}`}>{number}</a>
            </span>
          ))}
          {']'}
        </span>
      );
    default:
      return part satisfies never;
  }
}

/** A term with its meaning, shown on hover, focus or tap. */
function Term({ term }: { term: string }) {
  const id = useId();
  return (
    <span className={styles.term}>
      <button type="button" aria-describedby={id}>
        {term}
      </button>
      <span id={id} role="tooltip" className={styles.meaning}>
        {GLOSSARY[term]}
      </span>
    </span>
  );
}
