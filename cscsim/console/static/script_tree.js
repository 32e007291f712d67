/** Scripts by their folders. Pure functions. */

/**
 * @typedef {{folders: Map<string, Tree>, scripts: string[]}} Tree
 * @param {string[]} paths
 * @returns {Tree}
 */
export function treeOf(paths) {
  const tree = { folders: new Map(), scripts: [] };
  for (const path of [...paths].sort()) {
    const folders = path.split("/").slice(0, -1);
    let here = tree;
    for (const folder of folders) {
      if (!here.folders.has(folder)) here.folders.set(folder, { folders: new Map(), scripts: [] });
      here = here.folders.get(folder);
    }
    here.scripts.push(path);
  }
  return tree;
}

/** The last word of a path. */
export function leaf(path) {
  return path.split("/").at(-1);
}

/** The paths in which all words of a filter occur. */
export function matching(paths, filter) {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return paths.filter((path) => words.every((word) => path.toLowerCase().includes(word)));
}

/**
 * How far a script is, from 0 to 1, or null where it cannot be told.
 * @param {{started: number | null, ended: number | null, expected: number | null}} script
 * @param {number} t  now [s]
 */
export function progress(script, t) {
  if (script.started === null || script.started === undefined || !script.expected) return null;
  return Math.min(1, Math.max(0, ((script.ended ?? t) - script.started) / script.expected));
}
