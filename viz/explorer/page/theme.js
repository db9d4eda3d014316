/** Light or dark: as the reader chose, else as the notebook around is, else as the system is. */

/** What the page around says: "light", "dark", or "" where it says nothing, and the system decides. */
export function themeOf(root) {
  if (root.dataset.chosen) return root.dataset.theme;
  const { body } = document;
  const { jpThemeLight, theme, vscodeThemeKind } = body.dataset;
  if (jpThemeLight) return jpThemeLight === "true" ? "light" : "dark";
  if (vscodeThemeKind) return /dark|high-contrast$/.test(vscodeThemeKind) ? "dark" : "light";
  return theme === "light" || theme === "dark" ? theme : "";
}

/** Follow the page around; gives the function that ends it. */
export function watchTheme(root) {
  const follow = new MutationObserver(() => {
    root.dataset.theme = themeOf(root);
  });
  follow.observe(document.body, { attributes: true });
  return () => follow.disconnect();
}
