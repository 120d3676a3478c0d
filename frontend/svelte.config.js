import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default {
  preprocess: vitePreprocess(),
  compilerOptions: {
    runes: true,
    // On a phone the rows of a table become records; the roles keep it a table for screen readers.
    warningFilter: (warning) => warning.code !== 'a11y_no_redundant_roles',
  },
};
