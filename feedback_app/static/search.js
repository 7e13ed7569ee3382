// The slash key goes to the search box at the top. The page works without.
"use strict";

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  const box = document.querySelector(".find input");
  if (box?.checkVisibility()) {
    event.preventDefault();
    box.select();
  }
});
