// What test_access.py asks of a page: which of its texts are hard to read, and what may be reached by the keyboard.

(() => {
  const seen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && element.getClientRects().length > 0;

  function parts(colour) {
    const found = colour.match(/[\d.]+/g).map(Number);
    return found.length === 4 ? found : [...found, 1];
  }

  function over([red, green, blue, alpha], ground) {
    return [red, green, blue].map((part, at) => alpha * part + (1 - alpha) * ground[at]);
  }

  function groundOf(element) {
    if (element === null) return [255, 255, 255];
    return over(parts(getComputedStyle(element).backgroundColor), groundOf(element.parentElement));
  }

  function luminance(colour) {
    const [red, green, blue] = colour.map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  function contrast(element, colour) {
    const ground = groundOf(element);
    const [bright, dull] = [luminance(over(parts(colour), ground)), luminance(ground)].sort((one, other) => other - one);
    return (bright + 0.05) / (dull + 0.05);
  }

  function texts() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = new Set();
    while (walker.nextNode()) {
      const { parentElement: element, data } = walker.currentNode;
      if (data.trim() && seen(element)) found.add(element);
    }
    return [...found];
  }

  const colourOf = (element) => {
    const style = getComputedStyle(element);
    return element instanceof SVGElement ? style.fill : style.color;
  };

  return {
    /** Texts and placeholders whose contrast is too low, with that contrast. */
    hard(least) {
      const written = texts().map((element) => [element, contrast(element, colourOf(element)), element.textContent]);
      const hinted = [...document.querySelectorAll("input[placeholder]")].filter(seen)
        .map((element) => [element, contrast(element, getComputedStyle(element, "::placeholder").color), element.placeholder]);
      return [...written, ...hinted].filter(([, ratio]) => ratio < least)
        .map(([element, ratio, text]) => `${ratio.toFixed(2)} ${element.tagName}.${element.getAttribute("class")}: ${text.trim().slice(0, 40)}`);
    },

    /** What can be done in the panel, as it is named to who does not see it. */
    wanted() {
      const tags = "a[href], button:not(:disabled), input:not(:disabled), select, textarea, summary";
      const found = [...document.querySelectorAll(`main ${tags.replaceAll(", ", ", main ")}`)].filter(seen);
      // of the tabs one is reached, and arrows go on from there
      const reached = found.filter((element) => element.getAttribute("role") !== "tab" || element.ariaSelected === "true");
      reached.forEach((element, at) => { element.dataset.reach = at; });
      return reached.map((element) => element.outerHTML.slice(0, 110));
    },

    /** The number of the element that has the focus, if it is one of those. */
    focused: () => document.activeElement.dataset.reach ?? null,
  };
})()
