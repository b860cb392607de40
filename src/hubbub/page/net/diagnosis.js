/** Why a WebSocket does not open. Browsers do not say it, so this asks the server over HTTP. */
const PATIENCE_MS = 5000;

const NOT_PASSED_ON =
  "The server answers, but no chat connection (a WebSocket) can be opened. If there is a proxy in between, it has to let WebSockets through.";

/** The reason as a sentence; "" if the server does not answer. */
export async function whyNoConnection() {
  try {
    const answer = await fetch(`doors.json?origin=${encodeURIComponent(location.origin)}`, {
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
