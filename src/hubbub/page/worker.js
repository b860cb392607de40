/**
 * The service worker: the page opens without the server, too, from what it kept of one version. The
 * server puts VERSION and FILES before this text, so that each version has a worker of its own.
 *
 * The page itself is asked of the server first, always; what it names has the version in its path.
 * So nothing of an old version is ever shown while the server can be reached.
 */
/* global VERSION, FILES */

const CACHE = `hubbub-${VERSION}`;
const PATIENCE_MS = 4000; // for a server that takes connections and says nothing

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(FILES.map(asked)))
      .then(() => self.skipWaiting()),
  );
});

/** What has the version in its path is what the browser has of it; the rest is asked for again. */
function asked(path) {
  const cache = path.startsWith(`/static/${VERSION}/`) ? "default" : "no-cache";
  return new Request(path, { cache });
}

self.addEventListener("activate", (event) => {
  const drop = (names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(drop).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname === "/") event.respondWith(page(request));
  else if (url.pathname.startsWith(`/static/${VERSION}/`)) event.respondWith(kept(request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(fresh(request));
});

async function page(request) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status < 500) return answer;
    throw new Error("A proxy answers for a server that is away.");
  } catch (error) {
    const shell = await caches.match("/", { cacheName: CACHE });
    if (shell) return shell;
    throw error;
  }
}

async function kept(request) {
  return (await caches.match(request, { cacheName: CACHE })) ?? fetch(request);
}

async function fresh(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const found = await caches.match(request, { cacheName: CACHE });
    if (found) return found;
    throw error;
  }
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const address = event.notification.data ?? "/#/";
  event.waitUntil(
    self.clients.matchAll({ type: "window" }).then((windows) => {
      const page = windows.find(({ url }) => new URL(url).pathname === "/");
      if (!page) return self.clients.openWindow(address);
      page.postMessage({ place: address.slice(1) });
      return page.focus();
    }),
  );
});
