/** The address of each panel: what stands after the # in the address bar, and back. Pure functions. */

/**
 * The panels in the order of their tabs: the word in the address, and what is written on the tab.
 * @type {{name: string, title: string, role?: string}[]}
 */
export const PANELS = [
  { name: "queue", title: "Queue" },
  { name: "procedure", title: "Procedure" },
  { name: "dome", title: "Dome and mount" },
  { name: "latiss", title: "LATISS" },
  { name: "images", title: "Images" },
  { name: "plots", title: "Plots" },
  { name: "component", title: "Component" },
  { name: "machine", title: "Machines" },
  { name: "log", title: "Log" },
  { name: "training", title: "Training" },
  { name: "instructor", title: "Instructor", role: "instructor" },
];

const ALIASES = { components: "component", machines: "machine", rehearsal: "procedure" };

/**
 * Read an address: `#/component/ATDome` is `{panel: "component", rest: ["ATDome"]}`, `#/queue?add=PATH` is
 * `#/queue/add/PATH`; what is unknown is the first panel.
 *
 * @param {string} hash
 * @returns {{panel: string, rest: string[]}}
 */
export function parseRoute(hash) {
  const [path, search = ""] = hash.split("?");
  const words = path.replace(/^#?\/?/, "").split("/").filter((word) => word !== "");
  const [word = "", ...rest] = words.map(decoded);
  const panel = ALIASES[word] ?? word;
  if (!PANELS.some((each) => each.name === panel)) return { panel: PANELS[0].name, rest: [] };
  const added = new URLSearchParams(search).get("add");
  return { panel, rest: added === null ? rest : ["add", added] };
}

function decoded(word) {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

/** The address of a panel: `routeTo("component", "ATDome")` is `#/component/ATDome`. */
export function routeTo(panel, ...rest) {
  return `#/${[panel, ...rest].map((word) => encodeURIComponent(word).replaceAll("%3A", ":")).join("/")}`;
}
