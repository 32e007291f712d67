/** What a person has typed and not sent yet: kept in the browser, so that a reload or a new server loses none of it. */

const PREFIX = "cscsim.draft.";

/** Keep a text; an empty one is forgotten. */
export function keepDraft(name, text) {
  try {
    if (text === "" || text === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, text);
  } catch {
    // without storage a page still works; it forgets when it is closed
  }
}

/** The text that was kept, or null. */
export function draft(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Let a field keep what is typed into it. */
export function keepField(field, name) {
  field.value = draft(name) ?? field.value;
  field.addEventListener("input", () => keepDraft(name, field.value));
  return field;
}
