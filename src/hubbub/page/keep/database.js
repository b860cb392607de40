/**
 * What outlives the page, in IndexedDB: lines that wait, and the newest history of each room. Where
 * there is no IndexedDB (some private windows) nothing is kept, and all else works.
 */

const NAME = "hubbub";
const VERSION = 1;
const MAX_ROOMS = 50;

let opening = null;

function open() {
  opening ??= new Promise((resolve) => {
    let request;
    try {
      request = indexedDB.open(NAME, VERSION);
    } catch {
      resolve(null);
      return;
    }
    request.onupgradeneeded = () => {
      request.result.createObjectStore("lines", { keyPath: "nonce" });
      request.result.createObjectStore("rooms", { keyPath: "key" });
    };
    request.onsuccess = () => {
      // A newer page wants another form of it: it must not have to wait for us.
      request.result.onversionchange = () => {
        request.result.close();
        opening = Promise.resolve(null);
      };
      request.result.onclose = () => (opening = null); // the browser cleared its storage
      resolve(request.result);
    };
    request.onerror = () => resolve(null);
  });
  return opening;
}

/** Runs `work(store)` in a transaction; gives its request's result when all is written. */
async function within(store, mode, work) {
  const database = await open();
  if (!database) return undefined;
  return new Promise((resolve) => {
    try {
      const transaction = database.transaction(store, mode, { durability: "relaxed" });
      const request = work(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = () => resolve(undefined);
    } catch {
      resolve(undefined);
    }
  });
}

/** All lines that wait, in the order in which they were written. */
export async function readLines() {
  const lines = (await within("lines", "readonly", (store) => store.getAll())) ?? [];
  return lines.sort((one, other) => one.order - other.order);
}

/** The page may go with the very task that keeps a line: what is not committed by then is lost. */
export const keepLine = (line) =>
  within("lines", "readwrite", (store) => {
    store.put(line);
    store.transaction.commit?.();
  });
export const dropLine = (nonce) => within("lines", "readwrite", (store) => store.delete(nonce));

/**
 * Gives the lines that `orphaned(line)` is true of to `owner`, in one transaction: no line is ever
 * taken by two.
 */
export async function adoptLines(owner, orphaned) {
  const adopted = [];
  await within("lines", "readwrite", (store) => {
    store.openCursor().onsuccess = ({ target: { result: cursor } }) => {
      if (!cursor) return;
      if (orphaned(cursor.value)) {
        const line = { ...cursor.value, owner };
        adopted.push(line);
        cursor.update(line);
      }
      cursor.continue();
    };
  });
  return adopted.sort((one, other) => one.order - other.order);
}

/**
 * The kept rooms of the log with that id: {key, log, name, cursor, stamp, events, ids, at}. Of very many, those
 * kept longest ago go. A page that knew no ids of authors has kept events without them, which are asked for again.
 */
export async function readRooms(log) {
  const rooms = (await within("rooms", "readonly", (store) => store.getAll())) ?? [];
  rooms.sort((one, other) => other.at - one.at);
  for (const { key } of rooms.slice(MAX_ROOMS)) dropRoom(key);
  return rooms.slice(0, MAX_ROOMS).filter((room) => room.log === log && room.ids);
}

/** Keeps a room, unless what another tab has kept is newer. */
export function keepRoom(room) {
  return within("rooms", "readwrite", (store) => {
    store.get(room.key).onsuccess = ({ target: { result: kept } }) => {
      if (!kept || kept.log !== room.log || kept.cursor <= room.cursor) store.put(room);
    };
  });
}

export const dropRoom = (key) => within("rooms", "readwrite", (store) => store.delete(key));
export const dropRooms = () => within("rooms", "readwrite", (store) => store.clear());
