/** Why a WebSocket does not open: browsers keep the answer to themselves, so HTTP is asked. */
const PATIENCE_MS = 5000;

const NOT_PASSED_ON =
  "The server answers, but its WebSocket does not open. If there is a proxy before it, that has to pass on WebSockets.";

/** A sentence; "" where nobody answers. */
export async function whyShut() {
  try {
    const answer = await fetch(`/doors.json?origin=${encodeURIComponent(location.origin)}`, {
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.ok) return NOT_PASSED_ON;
    const { error } = await answer.json();
    return String(error.message).slice(0, 500);
  } catch {
    return "";
  }
}
