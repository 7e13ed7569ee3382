// Shows what a theme's patterns would match while they are typed. Without scripts the button "Preview" does the same.
"use strict";

const form = document.querySelector("form[data-preview]");
const preview = document.getElementById("preview");
const said = document.getElementById("preview-said");
const PAUSE_MS = 400; // after the last key
const NO_ANSWER =
  "The preview cannot be shown: the connection is gone, or your session has ended. Copy your words before you save them.";
let waiting = 0;
let asking = null;

async function look() {
  asking?.abort();
  asking = new AbortController();
  preview.setAttribute("aria-busy", "true");
  const answer = await fetch(form.dataset.preview, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    signal: asking.signal,
  });
  if (answer.redirected || ![200, 422].includes(answer.status)) {
    throw new Error("not now"); // signed out, or passing trouble: an old preview would pass for that of these words
  }
  preview.innerHTML = await answer.text();
  said.textContent = preview.querySelector("[data-said]")?.textContent ?? "";
}

form.elements.patterns.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    look()
      .then(() => preview.removeAttribute("aria-busy"))
      .catch((error) => {
        if (error.name !== "AbortError") {
          preview.removeAttribute("aria-busy");
          preview.textContent = said.textContent = NO_ANSWER;
        }
      });
  }, PAUSE_MS);
});
