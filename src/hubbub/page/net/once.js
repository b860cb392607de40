/** One command on a connection of its own, without a hello: for who cannot log in. */
import { Lost, Refused } from "./failures.js";
import { frameOf } from "./frames.js";

const PATIENCE_MS = 30_000;

/**
 * The answer to it; rejected with `Refused` or `Lost`.
 * @param {import("./frames.js").Command} command
 * @returns {Promise<import("./frames.js").Frame>}
 */
export function askOnce(command) {
  const url = new URL("ws", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    const timer = setTimeout(() => socket.close(), PATIENCE_MS);
    socket.onopen = () => socket.send(JSON.stringify({ ...command, id: 1 }));
    socket.onmessage = ({ data }) => {
      const frame = frameOf(data);
      if (frame?.re !== 1) return;
      if (frame.type === "error") reject(new Refused(/** @type {any} */ (frame)));
      else resolve(frame);
      socket.close();
    };
    socket.onclose = () => {
      clearTimeout(timer);
      reject(new Lost("The server cannot be reached now. Please try again."));
    };
  });
}
