// Moves the bar of a running import and opens the result at its end. Without scripts the page loads itself anew.
"use strict";

const place = document.getElementById("progress");
const bar = document.getElementById("bar");
const said = document.getElementById("said");
const state = place.dataset.state;
const EVERY_MS = 1500;

async function look() {
  const answer = await fetch(place.dataset.url, { headers: { Accept: "application/json" } });
  if (!answer.ok) {
    return; // passing trouble: the next look will tell
  }
  const run = await answer.json();
  if (!run.at_work || run.state !== state) {
    location.reload();
  } else if (run.total) {
    bar.max = run.total;
    bar.value = run.done;
    const rejected = run.rejected ? `, ${run.rejected.toLocaleString("en")} rejected` : "";
    said.textContent = `${run.done.toLocaleString("en")} of ${run.total.toLocaleString("en")} rows${rejected}`;
  }
}

setInterval(() => look().catch(() => {}), EVERY_MS);
