/* A page of another site runs what it can of the ways in which it may reach `port`: the body of a
 * function, which tells what it has tried (`tests/web/test_other_sites.py`). */
const [hosts, port, says] = given;
const tried = [];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const soon = (ready) => Promise.race([ready, pause(1000)]);
const attempt = async (name, act) => {
  try { await soon(act()); tried.push(name); } catch (error) { tried.push(`${name}: ${error}`); }
};
const lengths = [1, 4000, 8150, 8192, 9000, 16384, 70000];
let number = 0;
const body = () => says.replace("{n}", String(++number));
const submit = (action, method, enctype, fields, target) => {
  const form = document.createElement("form");
  Object.assign(form, { action, method, enctype, target });
  for (const [name, value] of fields) {
    const area = document.createElement("textarea");
    area.name = name; area.value = value; form.append(area);
  }
  document.body.append(form); form.submit();
};
const frame = () => {
  const made = document.createElement("iframe");
  made.name = `frame${++number}`; document.body.append(made);
  return [made.name, new Promise((resolve) => { made.onload = () => resolve(); })];
};
for (const host of hosts) {
  const at = `http://${host}:${port}/`;
  for (const length of lengths) {
    const url = at + "a".repeat(length);
    for (const method of ["POST", "GET", "HEAD"]) {
      const options = { method, mode: "no-cors", credentials: "include" };
      if (method === "POST") options.body = body();
      await attempt(`fetch ${method} ${length}`, () => fetch(url, options));
    }
    await attempt(`beacon ${length}`, async () => {
      navigator.sendBeacon(url, body()); await pause(50);
    });
    await attempt(`form ${length}`, async () => {
      const [target, loaded] = frame();
      submit(url, "POST", "text/plain", [[`x\n${body()}`, "y"]], target);
      await soon(loaded);
    });
  }
  for (const mode of ["cors", "no-cors"]) {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", ""]) {
      const headers = type ? { "Content-Type": type, Accept: "ada" } : {};
      const url = at + "b".repeat(9000);
      await attempt(`fetch ${mode} ${type}`, () =>
        fetch(url, { method: "POST", mode, headers, body: body() }));
    }
  }
  await attempt("large body", () => fetch(at + "c".repeat(9000), {
    method: "POST", mode: "no-cors", body: (body() + "x\n".repeat(99)).repeat(3000),
  }));
  await attempt("multipart", async () => {
    const data = new FormData(); data.append(`n\n${body()}`, body());
    await fetch(at + "d".repeat(9000), { method: "POST", mode: "no-cors", body: data });
  });
  await attempt("xhr", () => new Promise((resolve) => {
    const asked = new XMLHttpRequest();
    asked.onloadend = () => resolve();
    asked.open("POST", at + "e".repeat(9000));
    asked.send(body());
  }));
  for (const tag of ["img", "script", "link", "iframe", "embed"]) {
    for (const path of ["f".repeat(9000), "api/search?q=x", "metrics", "api/rooms", "healthz"]) {
      await attempt(`${tag} ${path.slice(0, 9)}`, () => new Promise((resolve) => {
        const made = document.createElement(tag);
        made.onload = made.onerror = () => resolve();
        if (tag === "link") { made.rel = "stylesheet"; made.href = at + path; }
        else made.src = at + path;
        document.body.append(made);
      }));
    }
  }
  for (const path of ["api/search?q=x", "api/rooms", "api/rooms/General/events", "metrics"]) {
    for (const mode of ["cors", "no-cors"]) {
      await attempt(`read ${path}`, async () => {
        const answer = await fetch(at + path, { mode });
        if (answer.type !== "opaque") tried.push(`READ ${path}`);
      });
    }
  }
  for (const path of ["ws", "g".repeat(9000), `ws?${"h".repeat(9000)}`]) {
    await attempt(`websocket ${path.slice(0, 9)}`, () => new Promise((resolve) => {
      const socket = new WebSocket(`ws://${host}:${port}/${path}`);
      socket.onopen = () => {
        tried.push("OPEN");
        socket.send(JSON.stringify({ type: "hello", user: `Mallory${++number}` }));
        socket.send(JSON.stringify({ type: "join", room: "General" }));
        socket.send(JSON.stringify({ type: "say", room: "General", text: "hi", nonce: "1" }));
        setTimeout(resolve, 300);
      };
      socket.onerror = socket.onclose = () => resolve();
    }));
  }
  await attempt("events", () => new Promise((resolve) => {
    const source = new EventSource(at + "i".repeat(9000));
    source.onerror = () => { source.close(); resolve(); };
  }));
  await attempt("https", () => fetch(`https://${host}:${port}/${"j".repeat(9000)}`, {
    method: "POST", mode: "no-cors", body: body(),
  }));
  await attempt("turn", async () => {
    const call = new RTCPeerConnection({ iceServers: [{
      urls: `turn:${host}:${port}?transport=tcp`, username: body(), credential: "x",
    }] });
    call.createDataChannel("x"); await call.setLocalDescription(await call.createOffer());
    await pause(500); call.close();
  });
}
return tried;
