/**
 * Keeps the page at the server's version: the shell that opens offline, and a page that stayed open over an
 * upgrade, are replaced as soon as the server has another version.
 */

const MINE = new URL(import.meta.url).pathname.split("/").at(-2); // …/static/VERSION/version.js

/**
 * Installs the service worker, and checks the version at each new connection.
 * @param {import("./chat/login.js").Login} login
 * @param {import("./view/toast.js").Toast} toast
 */
export function follow(login, toast) {
  const worker = register();
  let told = false;
  login.changed.on(async () => {
    if (login.state !== "online" || (await serversVersion()) === MINE || told) return;
    told = true;
    (await worker)?.update().catch(() => {});
    const reload = () => location.reload();
    toast.offer("This page has a new version.", "Reload", reload);
    // Nothing is lost by it: drafts, places and messages that wait are kept.
    document.addEventListener("visibilitychange", () => document.hidden && reload());
  });
}

async function serversVersion() {
  try {
    const answer = await fetch("version.json", { cache: "no-store" });
    return (await answer.json()).page;
  } catch {
    return MINE;
  }
}

/**
 * What of Trusted Types is used here: TypeScript does not know them.
 * @typedef {{createScriptURL: (path: string) => string}} Policy
 * @typedef {{createPolicy: (name: string, rules: Policy) => Policy}} TrustedTypes
 */

/** @returns {Promise<ServiceWorkerRegistration | null>} */
async function register() {
  if (!navigator.serviceWorker) return null; // needs https, or a server on this computer
  // With Trusted Types the address of a script has to come from a policy.
  const { trustedTypes } = /** @type {Window & {trustedTypes?: TrustedTypes}} */ (window);
  const policy = trustedTypes?.createPolicy("hubbub-worker", { createScriptURL: (path) => path });
  const address = policy ? policy.createScriptURL("worker.js") : "worker.js";
  return navigator.serviceWorker.register(address).catch(() => null);
}
