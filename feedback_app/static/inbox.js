// j and k move through the inbox, Enter opens; filters that filter nothing stay out of the address, and out of the way
// on a phone. The page works without.
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

const filters = document.querySelector("form.filters");

if (matchMedia("(max-width: 640px)").matches) {
  filters.querySelector("details").open = false; // they fill a phone's screen, and the summary names those that are set
}

filters.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) {
    const first = filters.elements[name].options?.[0]; // of a choice the first one is the usual one
    if (!value || value === first?.value) {
      formData.delete(name);
    }
  }
});
