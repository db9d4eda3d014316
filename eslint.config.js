/** What `make lint` holds the explorer's modules to. */

import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["node_modules/", ".venv/", "docs/", "out/"] },
  js.configs.recommended,
  {
    rules: {
      "consistent-return": "error",
      eqeqeq: "error",
      "no-shadow": "error",
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  { files: ["viz/**/page/*.js"], languageOptions: { globals: globals.browser } },
  { files: ["tests/viz/**/*.{js,mjs}"], languageOptions: { globals: globals.node } },
];
