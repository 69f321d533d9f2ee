// The board, live: it is asked for again and shown in place, so that what the reader
// has typed, opened and scrolled to stays. Without JavaScript the page reloads itself.
"use strict";
const every = Number(document.currentScript.dataset.every) * 1000;

async function renew() {
  if (document.hidden) return;
  let page;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return location.reload(); // signed out, perhaps
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return; // the network is away; the page says as of when it is
  }
  for (const part of document.querySelectorAll(".live")) {
    const next = page.getElementById(part.id);
    if (!next || part.innerHTML === next.innerHTML) continue;
    for (const open of part.querySelectorAll("details[open][id]")) {
      const same = next.querySelector("#" + CSS.escape(open.id));
      if (same) same.open = true;
    }
    const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    part.replaceChildren(...next.childNodes);
    if (focused) [...part.querySelectorAll("a")].find((a) => a.getAttribute("href") === focused)?.focus({ preventScroll: true });
  }
}

setInterval(renew, every);
document.addEventListener("visibilitychange", renew);
