// Hears the server's live events and keeps the line open: reconnects by itself and says when it is down.

const NAMES = ["resync", "reply", "typing", "message", "read", "cleared"];
const SILENCE = 25_000; // the server beats every 10 s: longer silence means a dead connection
const LONGEST_PAUSE = 8_000;

/** Calls onEvent(name, data) for every event and onLine(isUp) when the connection comes or goes. */
export function listen({ onEvent, onLine }) {
  let source = null;
  let watchdog = 0;
  let retry = 0;
  let pause = 500;

  function beat() {
    clearTimeout(watchdog);
    watchdog = setTimeout(fail, SILENCE);
  }

  function open() {
    clearTimeout(retry);
    source?.close();
    source = new EventSource("/simulator/api/events");
    source.onopen = () => {
      pause = 500;
      beat();
      onLine(true);
    };
    source.onerror = fail;
    source.addEventListener("heartbeat", beat);
    for (const name of NAMES) {
      source.addEventListener(name, (event) => {
        beat();
        onEvent(name, JSON.parse(event.data));
      });
    }
    beat();
  }

  // The browser's own retry gives up for good on an HTTP error, so the line is always built anew here.
  function fail() {
    clearTimeout(watchdog);
    source?.close();
    onLine(false);
    clearTimeout(retry);
    retry = setTimeout(open, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }

  addEventListener("offline", fail);
  addEventListener("online", open);
  addEventListener("pageshow", (event) => event.persisted && open());
  addEventListener("pagehide", () => source?.close());
  open();
}
