// Adds to the question form and the answer: sending with Enter, growing fields,
// pairs of statement and source that light up together, copied citations.

const field = document.querySelector("#q");
if (field) {
  const fit = () => {
    field.rows = 1;
    while (field.scrollHeight > field.clientHeight + 2 && field.rows < 6) field.rows += 1;
  };
  // Most browsers grow the field by themselves (field-sizing in the style sheet).
  if (!CSS.supports("field-sizing", "content")) {
    field.addEventListener("input", fit);
    fit();
  }
  field.addEventListener("keydown", (event) => {
    // While a Japanese input method is composing, Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    if (field.value.trim()) field.form.requestSubmit();
  });
}

document.querySelector("form.question")?.addEventListener("submit", (event) => {
  // Addresses are shared: leave out the filters that are not set.
  for (const input of event.target.querySelectorAll(".filters input, .filters select")) {
    if (!input.value) input.disabled = true;
  }
});
window.addEventListener("pageshow", () => {
  for (const input of document.querySelectorAll(".filters :disabled")) input.disabled = false;
});

for (const link of document.querySelectorAll("a[data-citation]")) {
  const card = document.getElementById(`citation-${link.dataset.citation}`);
  const light = (on) => () => card?.classList.toggle("lit", on);
  link.addEventListener("pointerenter", light(true));
  link.addEventListener("pointerleave", light(false));
  link.addEventListener("focus", light(true));
  link.addEventListener("blur", light(false));
}

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("button.copy")) {
    const name = button.textContent;
    button.hidden = false;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      const { copy, url } = button.dataset;
      try {
        await navigator.clipboard.writeText(url ? `${copy} ${new URL(url, location.href).href}` : copy);
        button.textContent = button.dataset.done;
      } catch {
        button.textContent = button.dataset.failed;
      }
      setTimeout(() => { button.textContent = name; }, 2000);
    });
  }
}
