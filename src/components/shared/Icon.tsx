const shapes = {
  play: <path d="M5 3.2v9.6L13 8z" fill="currentColor" stroke="none" />,
  pause: <path d="M4.5 3.5h2.6v9H4.5zM8.9 3.5h2.6v9H8.9z" fill="currentColor" stroke="none" />,
  step: <path d="M3 3.2v9.6L10 8zM11 3.5h2.2v9H11z" fill="currentColor" stroke="none" />,
  reset: <path d="M3.2 8a4.8 4.8 0 1 0 1.5-3.5M4.6 1.9v2.8h2.8" />,
  sun: (
    <path d="M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3.05 3.05l1.1 1.1M11.85 11.85l1.1 1.1M3.05 12.95l1.1-1.1M11.85 4.15l1.1-1.1" />
  ),
  moon: <path d="M13.2 9.8A5.8 5.8 0 0 1 6.2 2.8a5.6 5.6 0 1 0 7 7z" />,
  help: <path d="M5.6 6a2.4 2.4 0 1 1 3.5 2.1c-.8.4-1.1.8-1.1 1.7M8 12.2v.1" />,
  close: <path d="M4 4l8 8M12 4l-8 8" />,
  share: <path d="M6.6 9.4l2.8-2.8M7.4 4.6l1-1a2.8 2.8 0 0 1 4 4l-1 1M8.6 11.4l-1 1a2.8 2.8 0 0 1-4-4l1-1" />,
  file: <path d="M8 2v7.6M4.9 6.7L8 9.8l3.1-3.1M2.8 11v2.4h10.4V11" />,
  runs: <path d="M2.5 3.5h2M7 3.5h6.5M2.5 8h2M7 8h6.5M2.5 12.5h2M7 12.5h6.5" />,
  previous: <path d="M10 3.5L5.5 8l4.5 4.5" />,
  next: <path d="M6 3.5L10.5 8 6 12.5" />,
  unfold: <path d="M3.5 6L8 10.5 12.5 6" />,
  fold: <path d="M3.5 10L8 5.5 12.5 10" />,
  learn: (
    <path d="M8 3.6C6.4 2.6 4.4 2.4 2 2.8v9.6c2.4-.4 4.4-.2 6 .8 1.6-1 3.6-1.2 6-.8V2.8c-2.4-.4-4.4-.2-6 .8zM8 3.6v9.6" />
  ),
  warning: <path d="M8 2.2L14.6 13.6H1.4zM8 6.4v3.4M8 11.6v.1" />,
};

export type IconName = keyof typeof shapes;

/** A decoration: the button or text around it carries the name. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {shapes[name]}
    </svg>
  );
}
