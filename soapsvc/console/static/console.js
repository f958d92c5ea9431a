// Progress of a run: without script the page has a link that loads it again.
"use strict";
const shown = document.getElementById("progress");
const look = async () => {
  const now = document.getElementById("progress");
  if (!now || now.dataset.active !== "1") return;
  const answer = await fetch(now.dataset.url, { credentials: "same-origin", redirect: "manual" });
  if (!answer.ok) { location.reload(); return; }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = page.getElementById("progress");
  if (!next || next.dataset.active !== "1") { location.reload(); return; }
  if (!now.contains(document.activeElement)) now.replaceWith(next);
  setTimeout(look, 1000);
};
if (shown) setTimeout(look, 1000);
