/**
 * The service worker: with it the page opens without the server, too, from files of one version that it has
 * kept. The server puts VERSION and FILES before this text, so that each version has a worker of its own.
 *
 * The document always comes from the server if it can be reached, and the files that it names have the
 * version in their path. So nothing of an old version is shown then.
 */
/* global VERSION, FILES */

const HERE = new URL("./", location.href).pathname; // "/", or below a path such as "/chat/"
const MINE = `hubbub${HERE}`; // other servers' pages may be below other paths of the same host
const CACHE = `${MINE}${VERSION}`;
const STATIC = `${HERE}static/`;
const PATIENCE_MS = 4000; // for a server that accepts connections and does not answer
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

worker.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(FILES.map(asked)))
      .then(() => worker.skipWaiting()),
  );
});

/**
 * A request of a file: one with the version in its path may come from the browser's cache.
 * @param {string} path
 */
function asked(path) {
  const cache = path.startsWith(`static/${VERSION}/`) ? "default" : "no-cache";
  return new Request(path, { cache });
}

worker.addEventListener("activate", (event) => {
  const drop = (/** @type {string[]} */ names) => Promise.all(names.filter(isOld).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(drop).then(() => worker.clients.claim()));
});

/**
 * Whether a cache is that of another version of this page. Their names had no path once.
 * @param {string} name
 */
function isOld(name) {
  const mine = name.startsWith(MINE) && !name.slice(MINE.length).includes("/");
  return name !== CACHE && (mine || /^hubbub-[0-9a-f]+$/.test(name));
}

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname === HERE) event.respondWith(page(request));
  else if (url.pathname.startsWith(`${STATIC}${VERSION}/`)) event.respondWith(kept(request));
  else if (url.pathname.startsWith(STATIC)) event.respondWith(fresh(request));
});

/** @param {Request} request */
async function page(request) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status < 500) return answer;
    throw new Error("A proxy answers for a server that is away.");
  } catch (error) {
    const shell = await caches.match("./", { cacheName: CACHE });
    if (shell) return shell;
    throw error;
  }
}

/** @param {Request} request */
async function kept(request) {
  const found = await caches.match(request, { cacheName: CACHE });
  if (found) return found;
  const answer = await fetch(request);
  const copy = answer.clone();
  if (answer.ok) caches.open(CACHE).then((cache) => cache.put(request, copy)); // dialogs, which come later
  return answer;
}

/** @param {Request} request */
async function fresh(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const found = await caches.match(request, { cacheName: CACHE });
    if (found) return found;
    throw error;
  }
}

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const address = event.notification.data ?? "#/";
  event.waitUntil(
    worker.clients.matchAll({ type: "window" }).then((windows) => {
      const page = windows.find(({ url }) => new URL(url).pathname === HERE);
      if (!page) return worker.clients.openWindow(HERE + address);
      page.postMessage({ place: address });
      return page.focus();
    }),
  );
});
