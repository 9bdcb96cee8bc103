import { useSyncExternalStore } from 'react';
import { onPrint } from '../drawing/onPrint.ts';

export type Theme = 'light' | 'dark';

const storageKey = 'untangle.theme';
const listeners = new Set<() => void>();
const DARK = '(prefers-color-scheme: dark)';
/** High-contrast mode sets its own dark or light colors, which the page's theme must not override. */
const FORCED = '(forced-colors: active)';
const systemIsDark = window.matchMedia(DARK);
const forcedColors = window.matchMedia(FORCED);
/** Lists that are never read: in Chromium, a list that is read between a change and its event loses the event. */
const changes = [DARK, FORCED].map((query) => window.matchMedia(query));
let chosen = remembered();
/** Paper is white: printed, charts and painted numbers have the light theme's colors, as the page's styles have. */
let isPrinting = false;

// Storage can be blocked (private mode, sandboxed frames); the theme is then lost when the page closes.
function remembered(): Theme | undefined {
  try {
    const value = localStorage.getItem(storageKey);
    return value === 'light' || value === 'dark' ? value : undefined;
  } catch {
    return undefined;
  }
}

function remember(theme: Theme | undefined): void {
  try {
    if (theme) localStorage.setItem(storageKey, theme);
    else localStorage.removeItem(storageKey);
  } catch {
    // Storage is blocked: see `remembered`.
  }
}

/** The theme that overrides the system's. */
function override(): Theme | undefined {
  if (forcedColors.matches) return undefined;
  return isPrinting ? 'light' : chosen;
}

function apply(): void {
  const theme = override();
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const listener of listeners) listener();
}

function print(begins: boolean): void {
  if (isPrinting === begins) return;
  isPrinting = begins;
  apply();
}

for (const change of changes) change.addEventListener('change', apply);
onPrint(print);
apply();

/** The current theme: the person's choice, or the system's. */
export function currentTheme(): Theme {
  return override() ?? (systemIsDark.matches ? 'dark' : 'light');
}

/** Switches themes. A choice equal to the system's is not stored, so that the page follows the system again. */
export function toggleTheme(): void {
  const next = currentTheme() === 'dark' ? 'light' : 'dark';
  chosen = next === (systemIsDark.matches ? 'dark' : 'light') ? undefined : next;
  remember(chosen);
  apply();
}

export function onThemeChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useTheme(): Theme {
  return useSyncExternalStore(onThemeChange, currentTheme);
}
