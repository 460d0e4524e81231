// Runs before a page's own scripts, after Playwright's clock: what the page asks for is written
// down; the page's own code stays as it is.
(() => {
  const { setTimeout, clearTimeout } = window;
  const ends = new Map();
  window.timers = {
    pauses: [], // Every delay that the page has ever asked for, in milliseconds.

    // What the page still waits for, in milliseconds from now.
    waits: () => [...ends.values()].map((end) => end - performance.now()),
  };
  window.setTimeout = (callback, delay = 0, ...rest) => {
    timers.pauses.push(delay);
    // As in a browser, a timer counts whole milliseconds.
    const whole = Math.trunc(delay);
    const run = () => ends.delete(id) && callback(...rest);
    const id = setTimeout(run, whole);
    ends.set(id, performance.now() + whole);
    return id;
  };
  window.clearTimeout = (id) => {
    ends.delete(id);
    clearTimeout(id);
  };
})();
