/** Loads vendored scripts when they are first needed. */

const loading = new Map();

/** Load a classic script once. @param {string} path below this folder */
export function loadScript(path) {
  if (!loading.has(path)) {
    loading.set(path, new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = new URL(path, import.meta.url).href;
      script.addEventListener("load", () => done());
      script.addEventListener("error", () => failed(new Error(`${path} cannot be loaded`)));
      document.head.append(script);
    }));
  }
  return loading.get(path);
}
