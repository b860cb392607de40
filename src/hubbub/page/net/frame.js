/** The length of frames to the server, which is checked before they are sent. */

const ID_BYTES = 32; // for the number that a command gets when it is sent

const encoder = new TextEncoder();

/**
 * Why a command is too long for a server with these limits; "" if it is not.
 * @param {import("./frames.js").Command} command
 * @param {Pick<import("./frames.js").Limits, "line"> | null} limits
 */
export function whyTooLong(command, limits) {
  if (!limits?.line) return "";
  const bytes = encoder.encode(JSON.stringify(command)).length;
  if (bytes + ID_BYTES <= limits.line) return "";
  const [has, takes] = [bytes, limits.line].map((number) => number.toLocaleString("en"));
  const cure = command.type === "say" ? "split" : "shorten";
  return `This was not sent: it has ${has} bytes, and this server takes ${takes} at once. Please ${cure} it.`;
}
