/** What ESLint looks for in the page: mistakes only. How the code looks is everybody's own affair. */
import js from "@eslint/js";
import globals from "globals";

const { browser, node, serviceworker } = globals;

// What every place where JavaScript runs has, and needs no page, no storage and no socket.
const ANYWHERE = globals["shared-node-browser"];

export default [
  js.configs.recommended,
  {
    languageOptions: { globals: browser },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "array-callback-return": ["error", { checkForEach: false }],
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-constructor-return": "error",
      "no-control-regex": "off", // control characters are what some patterns are for
      "no-duplicate-imports": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-misleading-character-class": ["error", { allowEscape: true }],
      "no-restricted-properties": [
        "error",
        // The page's policy (Trusted Types) would stop them in a browser; here they are seen sooner.
        ...["innerHTML", "outerHTML", "insertAdjacentHTML"].map((property) => ({
          property,
          message: "Elements are made by el(), never of a text.",
        })),
      ],
      "no-restricted-syntax": [
        "error",
        {
          selector: "TemplateElement[value.raw=/\\n| \\u002f\\u002f /], Literal[raw=/ \\u002f\\u002f /]",
          message: "joining.py would take a part of this text for a comment.",
        },
      ],
      "no-self-compare": "error",
      "no-template-curly-in-string": "error",
      "no-unreachable-loop": "error",
      "no-unused-private-class-members": "off", // it takes `this.#timer ??= …` for no use
      "no-unused-vars": ["error", { ignoreRestSiblings: true }],
      "no-var": "error",
      "prefer-const": ["error", { destructuring: "all" }],
      // Nothing that was read before an await is trusted after it.
      "require-atomic-updates": ["error", { allowProperties: true }],
    },
  },
  {
    // Pure: what is said and shown, without a page.
    files: ["src/hubbub/page/text/**", "src/hubbub/page/signal.js"],
    languageOptions: { globals: ANYWHERE },
  },
  {
    files: ["src/hubbub/page/worker.js"],
    languageOptions: { globals: serviceworker },
  },
  { files: ["tests/page/**"], languageOptions: { globals: node } },
];
