import type { Page } from '@playwright/test';
import type { Action } from './action.ts';

export const seek: Action = async (session, chance) => {
  const draw = { share: chance.share(), live: chance.share() < 0.3 };
  const { found, known, error } = await session.do(
    session.page.evaluate(({ share, live }) => {
      const { lab } = window;
      const found = lab.seek(live ? 'live' : Math.floor(share * (lab.state.step + 1)));
      const known = found === 'live' || lab.snapshots().some(({ step }) => step === found);
      const best = lab.state.metrics.bestEpoch;
      try {
        if (share < 0.2) lab.seek('best');
        return { found, known, error: share < 0.2 && best === undefined ? 'no refusal' : undefined };
      } catch (error) {
        return { found, known, error: best === undefined ? undefined : String(error) };
      }
    }, draw),
  );
  if (!known) session.report(`found ${found}, which is no snapshot`);
  if (error) session.report(`best: ${error}`);
  return String(found);
};

export const scrub: Action = async (session, chance) => {
  const { page } = session;
  const [from, to] = [chance.share(), chance.share()];
  const moves = chance.whole(5, 25);
  const live = chance.share() < 0.5;
  const box = await session.do(page.getByRole('slider', { name: 'Moment of the run' }).boundingBox());
  if (!box) {
    session.report('there is no timeline');
    return '';
  }
  const x = (share: number) => box.x + 1 + share * (box.width - 2);
  const y = box.y + box.height / 2;
  await page.mouse.move(x(from), y);
  await page.mouse.down();
  for (let i = 1; i <= moves; i++) await page.mouse.move(x(from + ((to - from) * i) / moves), y);
  await page.mouse.up();
  if (live) await page.evaluate(() => window.lab.seek('live'));
  return `from ${from.toFixed(2)} to ${to.toFixed(2)} in ${moves}${live ? ', then live' : ''}`;
};

/** Controls that take minutes, open a browser dialog, or belong to specific actions. */
const NOT_PRESSED = /second|network|file|save|export|share|train|paste|camera|full screen/i;

/** Presses a few random controls of a panel. */
export const press: Action = async (session, chance) => {
  const { page } = session;
  const share = chance.share();
  const draws = Array.from({ length: chance.whole(1, 4) }, () => [chance.share(), chance.share()] as const);
  const panels = page.locator('main > section:not(#train)');
  const panel = panels.nth(Math.floor(share * (await panels.count())));
  await session.do(panel.evaluate((element) => element.scrollIntoView({ behavior: 'instant' })));
  const pressed: string[] = [];
  for (const [which, how] of draws) {
    pressed.push(
      await session.do(
        panel.evaluate(
          (element, { which, how, not }) => {
            const never = new RegExp(not, 'i');
            const all = [
              ...element.querySelectorAll<HTMLElement>('button:enabled, input:enabled, select:enabled'),
            ];
            const controls = all.filter((control) => {
              const label = control.closest('label')?.textContent ?? '';
              return !never.test(`${control.textContent} ${control.ariaLabel} ${control.title} ${label}`);
            });
            const control = controls[Math.floor(which * controls.length)];
            if (!control) return 'nothing';
            if (control instanceof HTMLSelectElement) {
              control.selectedIndex = Math.floor(how * control.options.length);
              control.dispatchEvent(new Event('change', { bubbles: true }));
            } else if (control instanceof HTMLInputElement && control.type === 'range') {
              const { min, max } = control;
              const value = String(Number(min) + how * (Number(max) - Number(min)));
              // React listens to the element's own setter.
              Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(control, value);
              control.dispatchEvent(new Event('input', { bubbles: true }));
            } else control.click();
            return (control.ariaLabel ?? control.textContent ?? '').trim() || control.outerHTML.slice(0, 60);
          },
          { which, how, not: NOT_PRESSED.source },
        ),
      ),
    );
    await session.do(untilDrawn(page));
  }
  return `${await panel.getAttribute('id')}: ${pressed.join(', ')}`;
};

export const visitPanel: Action = async (session, chance) => {
  const share = chance.share();
  const image = { split: chance.pick(['train', 'test'] as const), index: chance.whole(0, 9999) };
  const name = await session.do(
    session.page.evaluate(
      ({ share, image }) => {
        const panels = document.querySelectorAll('main > section');
        const panel = panels[Math.floor(share * panels.length)];
        panel.scrollIntoView({ behavior: 'instant' });
        window.lab.openImage(image);
        return panel.id;
      },
      { share, image },
    ),
  );
  await session.do(untilDrawn(session.page));
  return `${name}, ${image.split} ${image.index}`;
};

/** Waits until the page has drawn a frame after a press or a visit. */
function untilDrawn(page: Page): Promise<void> {
  return page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
      }),
  );
}
