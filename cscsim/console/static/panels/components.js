/** The components by group: a chip for each, with the letter of its state and the age of its heartbeat. */

import { el, follow, say, set } from "../dom.js";
import { duration, stateLetter, tone } from "../format.js";
import { groupsOf, isStale } from "../model.js";
import { routeTo } from "../routes.js";

export function componentChips(app, place) {
  function makeGroup([title]) {
    return el("section", { class: "group", "aria-label": title }, el("h3", {}, title), el("div", {}));
  }

  function makeChip(name) {
    return el("a", { class: "chip", href: routeTo("component", name) },
      el("span", { class: "letter", "aria-hidden": "true" }), el("span", { class: "name" }, name), el("span", { class: "beat" }, el("span", {}), el("span", { class: "age" })));
  }

  function drawChip(chip, name) {
    const component = app.model.components[name] ?? { state: null, letter: "U", machines: {}, beat: null, alive: false };
    const [letter, , beat] = chip.children;
    const stale = isStale(component);
    const age = component.age ?? (Number.isFinite(component.beat) ? Math.max(0, app.model.t - component.beat) : null);
    const silent = component.is_csc === false;
    say(letter, silent ? "\u00b7" : component.letter || stateLetter(component.state));
    set(letter, { class: `letter ${tone(component.state)}` });
    set(chip, { class: stale ? "chip stale" : "chip", "aria-current": String(isShown(name)) });
    const [heart, since] = beat.children;
    say(heart, silent || age === null ? "" : stale ? "\u2661" : "\u2665");
    say(since, silent || age === null ? "" : ` ${duration(age)}`);
    const heard = stale ? `no heartbeat for ${duration(age ?? 0)}` : age === null ? "" : `heartbeat ${duration(age)} ago`;
    const words = [name, component.state ?? (silent ? "" : "state unknown"), heard].filter(Boolean).join(", ");
    set(chip, { "aria-label": words, title: component.simulated ? `${words}, simulated` : words });
  }

  function isShown(name) {
    return app.route.panel === "component" && app.route.rest[0] === name;
  }

  return function update(changed) {
    if (!["hello", "components", "time", "route"].some((key) => changed.has(key))) return;
    follow(place, groupsOf(app.model), ([title]) => title, makeGroup, (section, [, names]) =>
      follow(section.lastElementChild, names, (name) => name, makeChip, drawChip));
  };
}
