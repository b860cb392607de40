/* A page whose own origin is this server, by a name that is none of its: it may send any method. */
const [says] = given;
const tried = [];
let number = 0;
const paths = ["/", "/x", "/ws", "/api/rooms", "/api/search?q=x", "/metrics", "/" + "k".repeat(9000)];
for (const method of ["GET", "POST", "patch", "Ada", "a-b!", "NICK", "PASS", "x".repeat(9000)]) {
  for (const path of paths) {
    const body = method === "GET" ? undefined : says.replace("{n}", String(++number));
    try {
      const answer = await fetch(path, { method, body, headers: { "X-Mine": "ada" } });
      tried.push(`${method.slice(0, 9)} ${path.slice(0, 9)} ${answer.status}`);
    } catch (error) { tried.push(`${method.slice(0, 9)} ${path.slice(0, 9)} none`); }
  }
}
await new Promise((resolve) => {
  const socket = new WebSocket(`ws://${location.host}/ws`);
  socket.onopen = () => { tried.push("OPEN"); resolve(); };
  socket.onerror = () => resolve();
});
return tried;
