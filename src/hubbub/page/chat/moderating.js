/** Rights and moderation: what the user may do where, and what they ask the server to do. */
import { randomId } from "../keep/tabs.js";
import { Signal } from "../signal.js";
import { keyOf } from "../text/names.js";

const AUDIT_PAGE = 50; // events
const ONCE = ["report", "knock", "settle", "make-ticket", "end-ticket", "profile", "block", "accept"]; // commands that do no harm twice

/**
 * @typedef {import("./room.js").Room} Room
 * @typedef {import("./rights.js").Standing} Standing
 * @typedef {import("../text/kinds.js").Role} Role
 * @typedef {import("../net/frames.js").Command} Command
 * @typedef {{seq: number, by: string, user: string, pattern?: boolean, network?: string | null, until?: number | null, reason?: string | null}} Ban
 * @typedef {{user: string, by: string, of: string, pattern?: boolean}} Exemption for whom bans do not hold, or who needs no invitation
 * @typedef {{id: string, by: string, uses?: number | null, until?: number | null, user?: string | null}} TicketTold a link, without its code
 */

export class Moderating {
  roleChanged = new Signal(); // what the user is on the whole server
  #session;
  #rights;
  #rooms;
  #me;

  /**
   * @param {Pick<import("../net/session.js").Session, "ask" | "role" | "heard" | "welcomed">} session
   * @param {import("./rights.js").Rights} rights
   * @param {import("./rooms.js").Rooms} rooms
   * @param {() => import("./rights.js").Me} me
   */
  constructor(session, rights, rooms, me) {
    this.#session = session;
    this.#rights = rights;
    this.#rooms = rooms;
    this.#me = me;
    session.welcomed.on(() => this.roleChanged.emit());
    session.heard.on((frame) => {
      if (frame.type !== "profile" || !frame.role) return;
      session.role = frame.role;
      this.roleChanged.emit();
    });
  }

  /**
   * Why the user may not do something in a room, to `name` if it is done to somebody; null: they may.
   * @param {string} action
   * @param {Room} room
   * @param {string} [name]
   */
  whyNot(action, room, name) {
    return this.#rights.whyNot(action, room.standing, this.#me(), room.title, name ? this.roleIn(room, name) : undefined);
  }

  /**
   * @param {string} action
   * @param {Room} room
   * @param {string} [name]
   */
  may(action, room, name) {
    return room.stage === "in" && this.whyNot(action, room, name) === null;
  }

  /**
   * What somebody is in a room, as far as is known.
   * @param {Room} room
   * @param {string} name
   * @returns {Role}
   */
  roleIn(room, name) {
    return this.rolesIn(room).get(keyOf(name)) ?? "member";
  }

  /**
   * The roles of all who have one, by the keys of their names.
   * @param {Room} room
   * @returns {Map<string, Role>}
   */
  rolesIn({ standing }) {
    return new Map(Object.entries(standing?.roles ?? {}).map(([name, role]) => [keyOf(name), role]));
  }

  /** Whether the user keeps the whole server in order. */
  get administers() {
    return this.#session.role === "moderator" || this.#session.role === "owner";
  }

  /** Whether the user owns the server, and says who administers it. */
  get ownsServer() {
    return this.#session.role === "owner";
  }

  /**
   * Asks for something; resolves to why it is refused, or "".
   * @param {Command} command
   */
  async do(command) {
    try {
      await this.#session.ask(ONCE.includes(command.type) ? command : { nonce: randomId(), ...command });
      return "";
    } catch (error) {
      return /** @type {Error} */ (error).message;
    }
  }

  /**
   * Who is banned from a room, and who is muted there: until when. Rejected with a `Failure`.
   * @param {string} room
   * @returns {Promise<{bans: Ban[], muted?: Record<string, number | null>, exemptions?: Exemption[], filters?: string[], invited?: string[]}>}
   */
  async bans(room) {
    return /** @type {any} */ (await this.#session.ask({ type: "bans", room }));
  }

  /**
   * Makes a link; resolves to its code, which is told only now. Rejected with a `Failure`.
   * @param {{room: string, uses?: number, seconds?: number, user?: string, factor?: boolean}} wanted
   * @returns {Promise<{code: string}>}
   */
  makeTicket(wanted) {
    return /** @type {any} */ (this.#session.ask({ type: "make-ticket", ...wanted }));
  }

  /**
   * The links to a room, or to the server, that are good. Rejected with a `Failure`.
   * @param {string} room
   * @returns {Promise<TicketTold[]>}
   */
  async tickets(room) {
    return (await this.#session.ask({ type: "tickets", room })).tickets;
  }

  /**
   * What waits for who moderates a room, the oldest first. Rejected with a `Failure`.
   * @param {string} room
   * @returns {Promise<import("./state.js").QueueItem[]>}
   */
  async queue(room) {
    const { items } = /** @type {any} */ (await this.#session.ask({ type: "queue", room }));
    return items;
  }

  /**
   * A page of what was done by those who moderate, oldest first. Rejected with a `Failure`.
   * @param {string} room
   * @param {number | null} before
   * @returns {Promise<{events: import("../text/kinds.js").LogEvent[], first?: number | null}>}
   */
  async audit(room, before = null) {
    return /** @type {any} */ (await this.#session.ask({ type: "audit", room, limit: AUDIT_PAGE, ...(before && { before }) }));
  }

  /**
   * Asks who is muted in a room, unless it is known: the room's events tell what changes.
   * @param {Room} room
   */
  async lookMuted(room) {
    if (room.mutes || !this.may("mute", room)) return;
    try {
      const { muted = {} } = await this.bans(room.name);
      room.mutes = new Map(Object.entries(muted).map(([name, until]) => [keyOf(name), until]));
    } catch {
      // It is not known then.
    }
  }

  /**
   * Asks who is in a room, to know who of its members is away or busy.
   * @param {Room} room
   */
  async lookWho(room) {
    if (room.stage !== "in") return;
    room.looked = true;
    try {
      const { away = [], status = {} } = await this.#session.ask({ type: "who", room: room.name });
      room.away = new Set(away.map(keyOf));
      const notes = room.states; // which are not told of all
      room.states = new Map(
        Object.entries(status).filter(([, one]) => one !== "here").map(([name, one]) => [
          keyOf(name),
          { status: one, note: notes.get(keyOf(name))?.status === one ? (notes.get(keyOf(name))?.note ?? "") : "" },
        ]),
      );
      this.#rooms.roomChanged.emit(room);
    } catch {
      room.looked = false; // what is known of it stays
    }
  }

  /**
   * Asks what the user is in a room by now: that a mute is over is not told by itself.
   * @param {Room} room
   */
  async lookAgain(room) {
    if (room.stage !== "in" || room.cursor === null) return;
    try {
      const { standing } = await this.#session.ask({ type: "join", room: room.name, after: room.cursor });
      room.standing = standing ?? null;
      this.#rooms.roomChanged.emit(room);
    } catch {
      // What is known of it stays.
    }
  }
}
