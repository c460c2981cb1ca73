// Keys for the whole site: / to the field, j and k through what is listed, o to open, c to copy, ? for help.

const dialog = document.querySelector("#keys");
const help = document.querySelector("#keys-help");
if (dialog && help) {
  help.hidden = false;
  help.addEventListener("click", () => dialog.showModal());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}

const items = () => [...document.querySelectorAll("main .card, main .hit, main [data-item]")];
let at = -1;

const select = (step) => {
  const all = items();
  if (!all.length) return;
  at = Math.min(Math.max(at + step, 0), all.length - 1);
  for (const item of all) item.classList.toggle("selected", item === all[at]);
  all[at].tabIndex = -1;
  all[at].focus({ preventScroll: true });
  all[at].scrollIntoView({ block: "nearest" });
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.matches("input, textarea, select, [contenteditable]") || dialog?.open) return;
  const selected = items()[at];
  const actions = {
    "/": () => (document.querySelector("#q") ?? document.querySelector("#find"))?.focus(),
    j: () => select(1),
    k: () => select(-1),
    o: () => selected?.querySelector("a.open, .source-title a, a")?.click(),
    c: () => selected?.querySelector("button.copy")?.click(),
    "?": () => dialog?.showModal(),
  };
  if (!actions[event.key]) return;
  event.preventDefault();
  actions[event.key]();
});
