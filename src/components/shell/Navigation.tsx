import { useEffect, useState } from 'react';
import styles from './Navigation.module.css';

interface NavigationProps {
  panels: readonly { id: string; title: string }[];
}

/** Anchor links to the panels in the notebook's order; the panel in view is marked. */
export function Navigation({ panels }: NavigationProps) {
  const [current, setCurrent] = useState<string>();

  useEffect(() => {
    const visible = new Map<string, boolean>();
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) visible.set(target.id, isIntersecting);
        setCurrent(panels.find(({ id }) => visible.get(id))?.id);
      },
      // The panel in the band just below the header counts as in view.
      { rootMargin: '-15% 0px -70% 0px' },
    );
    for (const { id } of panels) {
      const section = document.getElementById(id);
      if (section) observer.observe(section);
    }
    return () => observer.disconnect();
  }, [panels]);

  return (
    <nav className={styles.navigation} aria-label="Panels">
      <ul>
        {panels.map(({ id, title }) => (
          <li key={id}>
            <a href={`#${id}`} aria-current={id === current ? 'location' : undefined}>
              {title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
