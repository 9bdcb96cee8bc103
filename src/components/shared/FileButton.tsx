import { type ChangeEvent, type ReactNode, useRef } from 'react';
import { Button } from './Button.tsx';

interface FileButtonProps {
  /** Name of the file field for screen readers and scripts. */
  name: string;
  accept?: string;
  multiple?: boolean;
  /** Chooses a folder, with all its files. */
  folder?: boolean;
  disabled?: boolean;
  /** The button's text. */
  children: ReactNode;
  onFiles: (files: File[]) => void;
}

/** A button that lets a person choose files. */
export function FileButton(props: FileButtonProps) {
  const { name, accept, multiple, folder, disabled, children, onFiles } = props;
  const field = useRef<HTMLInputElement>(null);
  const take = ({ target }: ChangeEvent<HTMLInputElement>) => {
    const files = [...(target.files ?? [])];
    // Without this, choosing the same files again would fire no event.
    target.value = '';
    if (files.length > 0) onFiles(files);
  };
  return (
    <>
      <input
        ref={(input) => {
          field.current = input;
          // React's types lack the attribute.
          if (folder) input?.setAttribute('webkitdirectory', '');
        }}
        type="file"
        hidden
        accept={accept}
        multiple={multiple}
        aria-label={name}
        onChange={take}
      />
      <Button disabled={disabled} onClick={() => field.current?.click()}>
        {children}
      </Button>
    </>
  );
}
