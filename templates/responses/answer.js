/* Saves a rating as soon as a person chose it, so that closing the page loses nothing. The form works without this.
   What comes without a touch, key or click is sent as such, late, and is kept apart: mail scanners open pages too. */
(() => {
  "use strict";
  const form = document.querySelector("form"), note = form.querySelector("[role=status]");
  const radios = [...form.querySelectorAll("[name=rating]")];
  const opened = Date.now(), age = form.dataset.age === "" ? 60 : +form.dataset.age;
  const address = location.pathname.replace(/\/$/, "") + "/intent" + location.search;
  let human = false, saved = "", waiting = false, sending = false, visible = 0, soon;

  const chosen = () => form.querySelector(":checked");
  const body = () => JSON.stringify({
    rating: +chosen().value, human, language: form.elements.language.value, nonce: form.elements.nonce.value,
  });
  async function save() {
    if (!chosen() || sending || waiting || body() === saved) return;
    waiting = true;
    const sent = body();
    try {
      const answer = await fetch(address, { method: "POST", body: sent, keepalive: true, headers: { "Content-Type": "application/json" } });
      if (!answer.ok) throw answer;
      saved = sent;
      if (human) note.textContent = form.dataset.saved;
    } catch {
      if (human) note.textContent = form.dataset.failed;
      waiting = false;
      return;
    }
    waiting = false;
    save(); /* another rating was chosen meanwhile */
  }
  /* A moment later: a tap on the page may be a tap on another rating, and arrow keys pass by some. */
  function person(event) {
    if (!event.isTrusted) return;
    human = true;
    clearTimeout(soon);
    soon = setTimeout(save, 250);
  }
  for (const kind of ["pointerdown", "touchstart", "keydown"]) addEventListener(kind, person, { capture: true, passive: true });
  form.addEventListener("change", person);
  form.addEventListener("submit", () => { sending = true; });
  addEventListener("pageshow", () => { sending = false; });
  addEventListener("pagehide", () => {
    if (human && chosen() && !sending && body() !== saved) navigator.sendBeacon(address, body());
  });

  /* Digits choose a rating: 1 then 0 is ten where there is a ten. */
  let last = "", at = 0;
  addEventListener("keydown", (event) => {
    if (event.target.matches("textarea") || event.ctrlKey || event.metaKey || event.altKey || !/^\d$/.test(event.key)) return;
    const two = event.timeStamp - at < 900 ? last + event.key : "";
    const radio = radios.find((one) => two && one.value === two) || radios.find((one) => one.value === event.key);
    last = event.key;
    at = event.timeStamp;
    if (!radio) return;
    radio.checked = true;
    radio.focus();
  });

  const clock = setInterval(() => {
    if (document.visibilityState === "visible") visible += 1;
    if (human) return clearInterval(clock);
    if (visible >= 5 && age + (Date.now() - opened) / 1000 > 60) {
      clearInterval(clock);
      save();
    }
  }, 1000);
})();
