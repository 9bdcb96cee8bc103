import { pathToFileURL } from 'node:url';

/** A plugin for bundles whose sources find files (golden values, images) by their own addresses. */
export const sourceAddress = {
  name: 'source-address',
  transform: (code, id) =>
    code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id.split('?')[0]).href)),
};
