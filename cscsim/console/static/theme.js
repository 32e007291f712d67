/** Dark or light: as the system has it, or as the person has chosen. */

const KEY = "cscsim.theme";

/** The theme that is shown. @returns {"dark" | "light"} */
export function theme() {
  return document.documentElement.dataset.theme === "light" ? "light" : "dark";
}

/** Show the theme that was chosen, or else the one of the system. */
export function followTheme() {
  let chosen = null;
  try {
    chosen = localStorage.getItem(KEY);
  } catch {
    // the system's theme is shown then
  }
  const light = window.matchMedia("(prefers-color-scheme: light)");
  document.documentElement.dataset.theme = chosen ?? (light.matches ? "light" : "dark");
}

/** Change to the other theme and remember it. */
export function changeTheme() {
  const next = theme() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // it is forgotten when the page is closed
  }
  window.dispatchEvent(new Event("themechange"));
}

/** A colour of the style sheet, for what is drawn on a canvas. */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
