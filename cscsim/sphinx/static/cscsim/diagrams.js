// Draws the diagrams of a page when they come into view; until then, and without Mermaid, their text is shown.

(() => {
  const SMALLEST = 0.7;
  const here = document.currentScript.src;

  document.addEventListener("DOMContentLoaded", () => {
    const drawings = document.querySelectorAll("pre.csc-mermaid");
    if (!drawings.length) {
      return;
    }
    const library = document.createElement("script");
    library.src = new URL("vendor/mermaid/mermaid.tiny.js", here);
    library.addEventListener("load", () => begin(drawings));
    document.head.append(library);
  });

  function begin(drawings) {
    const { mermaid } = window;
    mermaid.initialize({
      startOnLoad: false,
      securityLevel: "strict",
      flowchart: { useMaxWidth: false },
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
    drawings.forEach((drawing, number) => {
      drawing.dataset.name = `csc-diagram-${number}`;
      seen.observe(drawing);
    });
  }

  async function draw(mermaid, drawing) {
    try {
      const { svg } = await mermaid.render(drawing.dataset.name, drawing.textContent);
      drawing.innerHTML = svg; // Mermaid's own, of a source that stood in the page
      drawing.classList.add("csc-drawn");
      const picture = drawing.querySelector("svg");
      picture.setAttribute("role", "img");
      picture.setAttribute("aria-label", drawing.dataset.alt);
      fit(picture, drawing);
    } catch (error) {
      console.error(error); // the source stays
    }
  }

  // Shrinks a diagram to the page, but never so far that its words cannot be read: then it is scrolled.
  function fit(picture, frame) {
    const { width } = picture.viewBox.baseVal;
    const { paddingLeft, paddingRight } = getComputedStyle(frame);
    const room = frame.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
    picture.style.width = `${Math.min(width, Math.max(room, SMALLEST * width))}px`;
    frame.scrollLeft = (frame.scrollWidth - frame.clientWidth) / 2;
  }
})();
