/**
 * What outlives the page, in IndexedDB: lines that wait, and the newest events of each room. Without
 * IndexedDB (in some private windows) nothing is kept, and everything else works.
 *
 * What the user does with a message that is there, as the event that it becomes.
 * @typedef {{kind: "edited" | "redacted" | "reacted" | "pinned", target: number, text?: string, emoji?: string, on?: boolean}} Amendment
 *
 * @typedef {object} Line a message that is not saved yet
 * @property {string} nonce
 * @property {number} order
 * @property {string} owner the tab that sends it
 * @property {string} room
 * @property {string} key of the room
 * @property {string} text
 * @property {{seq: number, by: string, by_id?: string | null, text: string} | null} reply
 * @property {import("../text/kinds.js").File[]} [files] that belong to it, and are on the server
 * @property {Amendment} [amend] it is no message, but changes one; then `text` is ""
 * @property {number} at
 * @property {string} why it was refused; "" if it was not
 * @property {boolean} [held] the server has it, and a moderator looks at it before others see it
 * @property {string | null} [by] the user's id when it was written,
 * @property {boolean} [account] and whether they had an account
 * @property {string | null} [sentToken] the user's token when it was sent,
 * @property {string} [sentAs] their name,
 * @property {string | null} [sentBy] their id,
 * @property {number | null} [after] and the last event of the room
 *
 * @typedef {object} KeptRoom
 * @property {string} key
 * @property {string} log whose events they are
 * @property {string} name
 * @property {number} cursor
 * @property {number | null} stamp
 * @property {import("../text/kinds.js").LogEvent[]} events the lines from the number `first` to the cursor
 * @property {number} [first] where it is not told, the first event's
 * @property {string[]} [people] whose direct conversation it is
 * @property {string} [kinds] those that the page knew which has kept it
 * @property {boolean} [ids] older pages: whether the events have the ids of their authors
 * @property {number} at when it was kept
 */
import { PLACE } from "./place.js";
const NAME = `hubbub${PLACE}`;
const VERSION = 1;
const MAX_ROOMS = 50;

/** @type {Promise<IDBDatabase | null> | null} */
let opening = null;

function open() {
  opening ??= new Promise((resolve) => {
    /** @type {IDBOpenDBRequest} */
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
      // A newer page wants another version of it, and must not have to wait for this one.
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

/**
 * Runs `work(store)` in a transaction. Resolves to the result of its request, when all is written; undefined if that fails.
 * @template [Result=undefined]
 * @param {string} store
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<Result> | void} work
 * @returns {Promise<Result | undefined>}
 */
async function within(store, mode, work) {
  const database = await open();
  if (!database) return undefined;
  return new Promise((resolve) => {
    try {
      const transaction = database.transaction(store, mode, { durability: "relaxed" });
      const request = work(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request ? request.result : undefined);
      transaction.onabort = () => resolve(undefined);
    } catch {
      resolve(undefined);
    }
  });
}

/**
 * Keeps a line. It commits at once, as the page may be closed right after this task.
 * @param {Line} line
 */
export const keepLine = (line) =>
  within("lines", "readwrite", (store) => {
    store.put(line);
    store.transaction.commit?.();
  });
/** @param {string} nonce */
export const dropLine = (nonce) => within("lines", "readwrite", (store) => store.delete(nonce));

/**
 * Makes `owner` the owner of the lines for which `orphaned(line)` is true. It is one transaction, so that no line
 * is taken by two tabs.
 * @param {string} owner
 * @param {(line: Line) => boolean} orphaned
 */
export async function adoptLines(owner, orphaned) {
  /** @type {Line[]} */
  const adopted = [];
  await within("lines", "readwrite", (store) => {
    const request = store.openCursor();
    request.onsuccess = () => {
      const cursor = request.result;
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
 * The rooms that were kept of the log with that id. Of very many, the oldest are dropped. Left out, and fetched
 * again, are those that an older page has kept without the ids of authors, and those that a page has kept that knew
 * other `kinds`: it has not kept what it did not know.
 * @param {string} log
 * @param {string} kinds
 * @returns {Promise<KeptRoom[]>}
 */
export async function readRooms(log, kinds) {
  const rooms = (await within("rooms", "readonly", (store) => store.getAll())) ?? [];
  rooms.sort((one, other) => other.at - one.at);
  for (const { key } of rooms.slice(MAX_ROOMS)) dropRoom(key);
  return rooms.slice(0, MAX_ROOMS).filter((room) => room.log === log && (room.kinds === kinds || room.ids));
}

/**
 * Keeps a room, unless another tab has kept a newer state of it.
 * @param {KeptRoom} room
 * @param {boolean} parting whether the page goes right now: then nothing can be looked up before, and an older state does no harm
 */
export function keepRoom(room, parting = false) {
  return within("rooms", "readwrite", (store) => {
    if (parting) {
      store.put(room);
      store.transaction.commit?.();
      return;
    }
    const request = store.get(room.key);
    request.onsuccess = () => {
      const kept = request.result;
      if (!kept || kept.log !== room.log || kept.cursor <= room.cursor) store.put(room);
    };
  });
}

/**
 * Drops the lines that `gone(line)` names.
 * @param {(line: Line) => boolean} gone
 */
export const dropLines = (gone) =>
  within("lines", "readwrite", (store) => {
    const request = store.openCursor();
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) return;
      if (gone(cursor.value)) cursor.delete();
      cursor.continue();
    };
  });

/** @param {string} key */
export const dropRoom = (key) => within("rooms", "readwrite", (store) => store.delete(key));
export const dropRooms = () => within("rooms", "readwrite", (store) => store.clear());
