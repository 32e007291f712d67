/** Draws at most once a frame. */

const LATEST = 500; // after which it is drawn where no frame comes [ms]

/**
 * Make a function that has something drawn in the next frame, however often it is called before.
 *
 * A page that is hidden has no frames, and one that was asked for just before it was hidden does not come: a timer
 * draws then.
 *
 * @param {() => void} draw
 * @returns {() => void}
 */
export function oncePerFrame(draw) {
  let isAsked = false;
  return function ask() {
    if (isAsked) return;
    isAsked = true;
    const drawNow = () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      isAsked = false;
      draw();
    };
    const frame = requestAnimationFrame(drawNow);
    const timer = setTimeout(drawNow, LATEST);
  };
}
