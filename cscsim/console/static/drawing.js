/** Shapes for the drawings of dome and mount. Azimuth grows from north (up) over east (right). Pure functions but `line`. */

/**
 * Where a direction is on a circle.
 * @param {number} azimuth  [deg]
 * @param {number} radius
 * @returns {[number, number]} x and y, the centre at 0, 0
 */
export function onCircle(azimuth, radius) {
  const angle = (azimuth * Math.PI) / 180;
  return [radius * Math.sin(angle), -radius * Math.cos(angle)];
}

/** The path of an arc from one azimuth clockwise to another [deg]. */
export function arc(from, to, radius) {
  const span = (((to - from) % 360) + 360) % 360;
  const [x1, y1] = onCircle(from, radius);
  const [x2, y2] = onCircle(to, radius);
  return `M${fix(x1)} ${fix(y1)}A${radius} ${radius} 0 ${span > 180 ? 1 : 0} 1 ${fix(x2)} ${fix(y2)}`;
}

/** Where an elevation is on a quarter of a circle that opens to the right. */
export function onQuarter(elevation, radius) {
  const angle = (elevation * Math.PI) / 180;
  return [radius * Math.cos(angle), -radius * Math.sin(angle)];
}

/** The path of an arc from one elevation up to another [deg]. */
export function quarter(from, to, radius) {
  const [x1, y1] = onQuarter(from, radius);
  const [x2, y2] = onQuarter(to, radius);
  return `M${fix(x1)} ${fix(y1)}A${radius} ${radius} 0 0 0 ${fix(x2)} ${fix(y2)}`;
}

/** A coordinate with two decimals. */
export function fix(value) {
  return Number(value.toFixed(2));
}

/** Put a line where two points are; hide it if there is none. */
export function line(element, from, to) {
  const none = [...from, ...to].some((value) => !Number.isFinite(value));
  element.toggleAttribute("hidden", none);
  element.style.display = none ? "none" : "";
  if (none) return;
  element.setAttribute("x1", fix(from[0]));
  element.setAttribute("y1", fix(from[1]));
  element.setAttribute("x2", fix(to[0]));
  element.setAttribute("y2", fix(to[1]));
}
