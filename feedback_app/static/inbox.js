// j and k move through the inbox, Enter opens. The page works without.
"use strict";

const lines = [...document.querySelectorAll("#inbox .open")];

document.addEventListener("keydown", (event) => {
  const step = { j: 1, k: -1 }[event.key];
  const isTyping = event.target.closest("input, select, textarea, [contenteditable]");
  if (!step || isTyping || event.ctrlKey || event.metaKey || event.altKey || !lines.length) {
    return;
  }
  const here = lines.findIndex((line) => line.closest("li").contains(document.activeElement));
  const next = here < 0 ? 0 : Math.min(Math.max(here + step, 0), lines.length - 1);
  lines[next].focus();
  lines[next].closest("li").scrollIntoView({ block: "nearest" });
});
