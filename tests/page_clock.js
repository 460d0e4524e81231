// Runs before a page's own scripts. Its time stands still until the test passes some of it,
// and what the page has asked for is written down; the page's own code stays as it is.
(() => {
  const timers = new Map();
  let now = 0;
  let lastId = 0;

  const clock = (window.pageClock = {
    pauses: [], // Every delay that the page has ever asked for, in milliseconds.
    sockets: [], // Every WebSocket that the page has ever opened.

    // What the page still waits for, in milliseconds from now.
    waits: () => [...timers.values()].map((timer) => timer.at - now),

    pass(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        const due = [...timers].filter(([, timer]) => timer.at <= end);
        if (due.length === 0) {
          break;
        }
        const [id, timer] = due.reduce((a, b) => (b[1].at < a[1].at ? b : a));
        timers.delete(id);
        now = Math.max(now, timer.at);
        timer.run();
      }
      now = end;
    },
  });

  performance.now = () => now;
  window.setTimeout = (callback, delay = 0, ...rest) => {
    clock.pauses.push(delay);
    // As in a browser, a timer counts whole milliseconds.
    timers.set(++lastId, { at: now + Math.trunc(delay), run: () => callback(...rest) });
    return lastId;
  };
  window.clearTimeout = (id) => timers.delete(id);
  window.WebSocket = class extends WebSocket {
    constructor(...options) {
      super(...options);
      clock.sockets.push(this);
    }
  };
})();
