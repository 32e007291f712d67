// Draws the state diagrams of a page when they come into view; until then, and without Mermaid, their text is shown.

const drawings = document.querySelectorAll("pre.mermaid");

if (drawings.length) {
  const library = document.createElement("script");
  library.src = new URL("vendor/mermaid/mermaid.tiny.js", import.meta.url);
  library.addEventListener("load", begin);
  document.head.append(library);
}

function begin() {
  const { mermaid } = window;
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: "strict",
    state: { useMaxWidth: false }, // a wide diagram is scrolled, so that its words can be read
    themeVariables: { fontSize: "14px" },
  });
  let previous = Promise.resolve();
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (isIntersecting) {
          seen.unobserve(target);
          // One at a time: Mermaid keeps what it reads in one place.
          previous = previous.then(() => draw(mermaid, target));
        }
      }
    },
    { rootMargin: "600px" },
  );
  drawings.forEach((drawing) => seen.observe(drawing));
}

async function draw(mermaid, drawing) {
  const source = drawing.textContent;
  try {
    await mermaid.run({ nodes: [drawing] });
    drawing.classList.add("drawn");
  } catch (error) {
    drawing.textContent = source;
    console.error(error);
  }
}
