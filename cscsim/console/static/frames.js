/** Draws what has come at once, but no more than once for each frame that is shown. */

const LATEST = 500; // after which it goes on where no frame comes [ms]

/**
 * Make a function that has something drawn, however often it is called before that.
 *
 * What comes after a while without anything is drawn before the next frame begins, so that the frame has only to show
 * it; what comes until that frame is shown is drawn in it, together.
 *
 * @param {() => void} draw
 * @returns {() => void}
 */
export function oncePerFrame(draw) {
  let isAsked = false;
  let isResting = false; // until the frame comes that shows what was drawn
  function drawNow() {
    isAsked = false;
    draw();
    nextFrame(() => {
      isResting = false;
      if (isAsked) begin(drawNow);
    });
  }
  function begin(how) {
    isResting = true;
    how();
  }
  return function ask() {
    if (isAsked) return;
    isAsked = true;
    if (!isResting) begin(() => queueMicrotask(drawNow)); // once all is known that comes with this
  };
}

/**
 * Make a function that has something drawn in the frame behind the next one, so that it holds up nothing that one shows.
 *
 * @param {() => void} draw
 * @returns {() => void}
 */
export function onceBehindFrame(draw) {
  let isAsked = false;
  function drawNow() {
    isAsked = false;
    draw();
  }
  return function ask() {
    if (isAsked) return;
    isAsked = true;
    nextFrame(() => nextFrame(drawNow));
  };
}

/** Do something when the next frame has been laid out: to measure is cheap then. */
export function afterFrame(act) {
  nextFrame(() => setTimeout(act));
}

/**
 * Do something in the next frame.
 *
 * A page that is hidden has no frames, and one that was asked for just before it was hidden does not come: a timer goes
 * on then.
 */
function nextFrame(act) {
  const goOn = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    act();
  };
  const frame = requestAnimationFrame(goOn);
  const timer = setTimeout(goOn, LATEST);
}
