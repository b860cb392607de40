/**
 * Keeps the page of the server's version: the offline shell, and a page that stayed open over an
 * upgrade, are replaced as soon as the server answers with another one.
 */

const MINE = new URL(import.meta.url).pathname.split("/")[2]; // /static/VERSION/version.js

/** Installs the service worker, and looks at each new connection whether there is another version. */
export function follow(chat, toast) {
  const worker = register();
  let told = false;
  chat.stateChanged.on(async () => {
    if (chat.state !== "online" || (await serversVersion()) === MINE || told) return;
    told = true;
    (await worker)?.update().catch(() => {});
    const reload = () => location.reload();
    toast.offer("This page has a new version.", "Reload", reload);
    // Nothing is lost by it: drafts, places and lines that wait are kept.
    document.addEventListener("visibilitychange", () => document.hidden && reload());
  });
}

async function serversVersion() {
  try {
    const answer = await fetch("/version.json", { cache: "no-store" });
    return (await answer.json()).page;
  } catch {
    return MINE;
  }
}

function register() {
  if (!navigator.serviceWorker) return Promise.resolve(null); // needs https, or this computer
  // With Trusted Types a script's address has to come from a policy.
  const { trustedTypes } = window;
  const policy = trustedTypes?.createPolicy("hubbub-worker", { createScriptURL: (path) => path });
  const address = policy ? policy.createScriptURL("/worker.js") : "/worker.js";
  return navigator.serviceWorker.register(address).catch(() => null);
}
